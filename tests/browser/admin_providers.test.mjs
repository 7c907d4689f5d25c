// An admin tests a provider, reads how logins with it ended, and tries claims out: with scripts, and without.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { looksRight } from './admin.mjs'
import { launch, visitor } from './browser.mjs'
import { signInThere, start } from './provider.mjs'
import * as steps from './steps.mjs'

const path = '/admin/providers'
const rows = (page) => page.locator('#attempts tbody tr')

/** Somebody goes to the provider, signs in there, and comes back. */
async function comes(browser, server, login) {
  const { page, close } = await visitor(browser)
  await page.goto(`${server.origin}/login`)
  await page.getByRole('link', { name: 'Continue with Work' }).click()
  await signInThere(page, server, login)
  await close()
}

/** Opens the list until it has so many logins: they are written down a moment after they ended. */
async function lists(page, server, count) {
  do await page.goto(server.origin + path)
  while ((await rows(page).count()) < count)
}

async function tries(page, server, claims) {
  await page.goto(server.origin + path)
  await page.getByRole('link', { name: 'Try claims out' }).click()
  await page.getByLabel('Claims as JSON').fill(claims)
  await steps.press(page, 'Try out')
}

describe('an admin and a real provider', { timeout: 300_000 }, () => {
  let browser, provider, server
  before(async () => {
    browser = await launch()
    ;({ provider, server } = await start())
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await admin.close()
    await comes(browser, server, 'alice')
    await comes(browser, server, 'carol')
  })
  after(async () => {
    await browser?.close()
    provider?.stop()
    assert.equal(await server?.stop(), 0)
  })

  test('a login that failed is found, and read step by step', async () => {
    const { page, complaints, close } = await visitor(browser)
    await steps.signIn(page, server, steps.ada)
    await lists(page, server, 2)
    await steps.press(page, 'Test now: Continue with Work')
    await steps.sees(page, 'Continue with Work answers as it should')
    await looksRight(page, 'admin-providers')
    await page.getByLabel('Only those that failed').check()
    await page.waitForURL(/failed=1/)
    assert.equal(await rows(page).count(), 1)
    await rows(page).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: /^Login / }).waitFor()
    await steps.sees(page, 'stopped here')
    await steps.sees(page, 'Would not be let in.')
    await looksRight(page, 'admin-flight')
    assert.deepEqual(complaints, [])
    await close()
  })

  for (const javaScriptEnabled of [true, false]) {
    test(`claims are tried out ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { page, complaints, close } = await visitor(browser, { javaScriptEnabled })
      await steps.signIn(page, server, steps.ada)
      await tries(page, server, '{ "sub": ')
      await steps.sees(page, 'These are no claims.')
      assert.equal(await page.getByLabel('Claims as JSON').inputValue(), '{ "sub": ', 'what was typed is kept')
      if (javaScriptEnabled) await looksRight(page, 'admin-claims-wrong')
      await tries(page, server, '{ "sub": "9", "email": "zoe@example.test", "email_verified": true }')
      await steps.sees(page, 'Would be let in.')
      if (javaScriptEnabled) await looksRight(page, 'admin-claims')
      assert.deepEqual(complaints, [])
      await close()
    })
  }

  for (const javaScriptEnabled of [true, false]) {
    test(`who is expected is listed, and no more ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { page, complaints, close } = await visitor(browser, { javaScriptEnabled })
      await steps.signIn(page, server, steps.ada)
      await page.goto(`${server.origin}/admin/users`)
      await page.getByRole('link', { name: steps.ada.name }).click()
      await page.getByRole('link', { name: 'Expect from a provider' }).click()
      await page.getByLabel('Address there').fill('countess@example.test')
      await steps.press(page, 'Expect from a provider')
      await steps.sees(page, 'They are expected.')
      await page.goto(server.origin + path)
      await page.getByRole('link', { name: 'Who is expected' }).click()
      await steps.sees(page, 'countess@example.test')
      if (javaScriptEnabled) await looksRight(page, 'admin-expected')
      await page.locator('summary', { hasText: 'Expect no more' }).click()
      await steps.press(page, `Expect no more: ${steps.ada.email}`)
      await steps.sees(page, 'They are expected no more.')
      await steps.sees(page, 'Nobody is expected.')
      assert.deepEqual(complaints, [])
      await close()
    })
  }

  test('logins are filtered without scripts', async () => {
    const { page, complaints, close } = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(page, server, steps.ada)
    await lists(page, server, 2)
    await page.getByLabel('Only those that failed').check()
    await steps.press(page, 'Filter')
    await page.waitForURL(/failed=1/)
    assert.equal(await rows(page).count(), 1)
    assert.deepEqual(complaints, [])
    await close()
  })
})
