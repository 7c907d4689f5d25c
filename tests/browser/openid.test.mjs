// A real provider's own pages in a real browser: to it and back from our login page, out of both, and straight on.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const peers = join(dirname(fileURLToPath(import.meta.url)), '..', 'peers')

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** The certified provider, with its own login form and consent page. */
async function startProvider(origin) {
  const child = spawn(
    process.execPath,
    ['oidc_provider.mjs', '--login', 'form', '--redirect-uri', `${origin}/oauth/openid/callback`, '--post-logout-uri', `${origin}/login`],
    { cwd: peers, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  process.once('exit', () => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const found = line.match(/^READY \d+ issuer=(\S+)/)
    if (found) return { issuer: found[1], stop: () => child.kill('SIGTERM') }
  }
  throw new Error('the provider does not start; make browser installs what it needs')
}

async function start(more = {}) {
  const port = await freePort()
  const provider = await startProvider(`http://localhost:${port}`)
  const server = await startServer({
    PORT: String(port),
    ALLOW_SOCIAL_LOGIN: 'true',
    OPENID_ISSUER: provider.issuer,
    OPENID_CLIENT_ID: 'app',
    OPENID_CLIENT_SECRET: 'app-secret',
    OPENID_BUTTON_LABEL: 'Continue with Work',
    OPENID_USE_END_SESSION_ENDPOINT: 'true',
    LIBRECHAT_AUTH_OPENID_ALLOW_PRIVATE: 'true',
    ...more,
  })
  return { provider, server }
}

/** The provider's login form, and its consent page if it asks. */
async function signInThere(page, server, login) {
  await page.getByLabel('Login').fill(login)
  await page.getByLabel('Password').fill('anything')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((url) => url.origin === server.origin)
}

async function signOutOfBoth(page, server, provider) {
  await steps.press(steps.form(page, '/logout'), 'Sign out')
  await page.waitForURL((url) => url.origin === provider.issuer)
  await page.getByRole('button', { name: 'Yes' }).click()
  await page.waitForURL((url) => url.origin === server.origin && url.pathname === '/login')
  await steps.sees(page, 'You are signed out.')
}

describe('with a real provider', () => {
  let browser, provider, server
  before(async () => {
    browser = await launch()
    ;({ provider, server } = await start())
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await admin.close()
  })
  after(async () => {
    await browser?.close()
    provider?.stop()
    assert.equal(await server?.stop(), 0)
  })

  for (const javaScriptEnabled of [true, false]) {
    test(`in by the button, out of both, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { page, complaints, close } = await visitor(browser, { javaScriptEnabled })
      await page.goto(`${server.origin}/login`)
      await page.getByRole('link', { name: 'Continue with Work' }).click()
      await signInThere(page, server, 'alice')
      await steps.isHome(page)
      await steps.sees(page, 'Alice')
      await signOutOfBoth(page, server, provider)
      // The provider asks who it is again: its session is over, too.
      await page.getByRole('link', { name: 'Continue with Work' }).click()
      await page.getByLabel('Login').waitFor()
      assert.deepEqual(complaints, [])
      await close()
    })
  }

  test('connected from the account page of somebody who has a password', async () => {
    const { page, complaints, close } = await visitor(browser)
    const person = { name: 'Bob', email: 'bobs@example.test', password: 'Bob walks along the river' }
    await steps.register(page, server, person)
    await steps.signIn(page, server, person)
    // The form that the account page has for it.
    await page.evaluate((password) => {
      const form = document.querySelector('form[action$="/logout"]').cloneNode(true)
      const field = Object.assign(document.createElement('input'), { name: 'password', type: 'hidden', value: password })
      form.append(field)
      form.action = '/oauth/openid'
      document.querySelector('main').append(form)
      form.submit()
    }, person.password)
    await signInThere(page, server, 'bob')
    await steps.sees(page, 'You can now sign in with Continue with Work as well.')
    assert.deepEqual(complaints, [])
    await close()
  })
})

describe('straight on', () => {
  let browser, provider, server
  before(async () => {
    browser = await launch()
    ;({ provider, server } = await start({ OPENID_AUTO_REDIRECT: 'true' }))
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await admin.close()
  })
  after(async () => {
    await browser?.close()
    provider?.stop()
    assert.equal(await server?.stop(), 0)
  })

  test('the login page leads to the provider, but not after signing out', async () => {
    const { page, complaints, close } = await visitor(browser)
    await page.goto(`${server.origin}/login`)
    await page.waitForURL((url) => url.origin === provider.issuer)
    await signInThere(page, server, 'alice')
    await steps.isHome(page)
    await signOutOfBoth(page, server, provider)
    await page.goto(`${server.origin}/login`)
    await page.getByRole('link', { name: 'Continue with Work' }).waitFor()
    await page.goto(`${server.origin}/`)
    assert.equal(new URL(page.url()).origin, server.origin)
    assert.deepEqual(complaints, [])
    await close()
  })

  test('cancelling at the provider shows the login page and stays there', async () => {
    const { page, complaints, close } = await visitor(browser)
    await page.goto(`${server.origin}/login`)
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.waitForURL((url) => url.origin === server.origin && url.pathname === '/login')
    await page.getByRole('link', { name: 'Continue with Work' }).waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })
})
