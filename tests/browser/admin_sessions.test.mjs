// An admin finds sessions, ends one, and signs everybody else out: with scripts while typing, and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const path = '/admin/sessions'
const settings = { ALLOW_REGISTRATION: 'true', REGISTER_MAX: '100' }

async function guest(browser, server, options = {}) {
  const bob = await visitor(browser, options)
  await steps.register(bob.page, server, steps.bob)
  await steps.signIn(bob.page, server, steps.bob)
  return bob
}

/** A program ends what Bob has open; answers with the number of the job. */
async function endBob(server) {
  const post = async (path, body, headers = {}) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
    return (await fetch(server.origin + path, options)).json()
  }
  const { token } = await post('/api/auth/login', { email: steps.ada.email, password: steps.ada.password })
  const ended = await post('/api/admin/sessions/end', { matching: { q: 'bob' } }, { authorization: `Bearer ${token}` })
  return ended.job
}

test('a session is found while typing, and ends', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    const bob = await guest(browser, server)
    await page.goto(server.origin + path)
    await steps.sees(page, '2 sessions')
    await looksRight(page, 'admin-sessions')
    await page.getByLabel('Search').fill('bob')
    await page.locator('#sessions').getByText('1 session', { exact: true }).waitFor()
    assert.match(page.url(), /q=bob/)
    await page.getByRole('checkbox', { name: /^Select bob@example.test/ }).check()
    await page.getByRole('button', { name: 'End the selected' }).click()
    await steps.sees(page, 'This is about 1 session.')
    await looksRight(page, 'admin-sessions-end')
    await page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(page, '1 session was ended.')
    await steps.isSignedOut(bob.page, server)
    assert.deepEqual(admin.complaints, [])
  }, settings)
})

test('everybody else is signed out without scripts', async () => {
  await administered(async ({ server, browser }) => {
    const bob = await guest(browser, server)
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    await plain.page.goto(server.origin + path)
    await plain.page.getByRole('link', { name: 'Sign out everybody else' }).click()
    await steps.sees(plain.page, 'This is about 2 sessions.')
    await plain.page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(plain.page, '2 sessions were ended.')
    await steps.sees(plain.page, 'This is you')
    await steps.isSignedOut(bob.page, server)
    assert.deepEqual(plain.complaints, [])
  }, settings)
})

test('the end of many is followed while it goes on, and no longer', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    await guest(browser, server)
    const asks = []
    let goOn
    const seen = new Promise((done) => {
      goOn = done
    })
    await page.route('**/admin/sessions/end/*', async (route) => {
      const answer = await route.fetch()
      asks.push(answer.status())
      if (asks.length === 2) await seen
      // The first look comes before anything has ended.
      const text = (await answer.text())
        .replace('id="ending">', 'id="ending" data-live="0.05">')
        .replace('1 session was ended.', '0 done.')
      await route.fulfill(asks.length === 1 ? { response: answer, body: text } : { response: answer })
    })
    const here = `${server.origin}/admin/sessions/end/${await endBob(server)}`
    await page.goto(here)
    await steps.sees(page, '0 done.')
    goOn()
    await steps.sees(page, '1 session was ended.')
    await looksRight(page, 'admin-sessions-ending')
    await page.locator('[data-live-note]').waitFor({ state: 'hidden' })
    const until = asks.length
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await page.goto(here)
    assert.equal(asks.length, until + 1, 'what is over is not asked for again')
    assert.deepEqual(admin.complaints, [])
  }, settings)
})
