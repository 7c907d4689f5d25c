// Every page in every size and colour scheme: readable for all, as wide as the window, and kept as pictures to look at.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { looksRight } from './look.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const { ada, bob } = steps
let browser, server

before(async () => {
  server = await startServer({ LOGIN_MAX: '25' })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Looks at one page, reached by `walk`, in English and with nobody signed in before. */
const page = (name, walk) =>
  test(name, async () => {
    const guest = await visitor(browser)
    try {
      await walk(guest.page)
      await looksRight(guest.page, name)
      assert.deepEqual(guest.complaints, [])
    } finally {
      await guest.close()
    }
  })

// In the order of a server's life: the set-up pages are gone after the first administrator.
page('setup-pending', (page) => page.goto(`${server.origin}/setup`))
page('setup', (page) => page.goto(server.origin + server.setupPath))
page('account', (page) => steps.setUp(page, server))
page('login', (page) => page.goto(`${server.origin}/login`))
page('login-french', (page) => page.goto(`${server.origin}/login?lang=fr`))
page('login-wrong', async (page) => {
  await steps.tryToSignIn(page, server, { email: ada.email, password: 'not the right one' })
  await page.getByRole('alert').waitFor()
})
page('signed-out', async (page) => {
  await steps.signIn(page, server, ada)
  await steps.signOut(page)
})
page('register', (page) => page.goto(`${server.origin}/register`))
page('register-wrong', async (page) => {
  await page.goto(`${server.origin}/register`)
  await steps.fillRegistration(page, { name: bob.name, email: ada.email, password: 'password', repeated: 'passwords' })
  await steps.press(steps.form(page, '/register'), 'Create account')
  await page.getByRole('alert').waitFor()
})
page('account-unfolded', async (page) => {
  await steps.signIn(page, server, ada)
  for (const action of ['/account/name', '/account/password', '/account/delete']) await steps.unfold(page, action)
})
page('account-wrong', async (page) => {
  await steps.signIn(page, server, ada)
  await steps.tryToChangePassword(page, 'not the current one', 'a different walk this time')
  await page.getByRole('alert').waitFor()
})
page('error-400', async (page) => isRefused(page, await post(page, 'surprise=1'), 400))
page('error-403', async (page) => isRefused(page, await post(page, 'email=a&password=b', { Origin: 'http://elsewhere.test' }), 403))
page('error-404', async (page) => assert.equal((await page.goto(`${server.origin}/nowhere`)).status(), 404))
page('too-many', async (page) => {
  for (let attempt = 0; attempt < 25; attempt++) {
    if (await page.getByText('Too many attempts').count()) break
    await steps.tryToSignIn(page, server, { email: `nobody-${attempt}@example.test`, password: 'a wrong one' })
    await page.getByRole('alert').waitFor()
  }
  await steps.sees(page, 'Too many attempts')
})

/** Posts a body no form of ours would send, and leaves the answer open as the page. */
async function post(page, body, headers = {}) {
  await page.goto(`${server.origin}/login`)
  let status
  await page.route(`${server.origin}/login`, async (route) => {
    const answer = await route.fetch({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
      postData: body,
      maxRedirects: 0,
    })
    status = answer.status()
    await route.fulfill({ response: answer })
  })
  await page.goto(`${server.origin}/login`)
  await page.unroute(`${server.origin}/login`)
  return status
}

function isRefused(page, status, expected) {
  assert.equal(status, expected)
  return page.getByRole('heading', { level: 1 }).waitFor()
}
