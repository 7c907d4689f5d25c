// LibreChat's own client, as far as it touches authentication: the same requests in the same order, from a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { code } from './authenticator.mjs'
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const { ada } = steps
let browser, server

before(async () => {
  server = await startServer()
  browser = await launch()
  const admin = await visitor(browser)
  await steps.setUp(admin.page, server)
  await admin.close()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** A visitor whose page calls the API, as the client does from its own pages. */
const enter = () => visitor(browser)

/** One request as the client sends it; gives status and body, parsed when it is JSON. */
function call(page, method, path, { body, token } = {}) {
  return page.evaluate(
    async ({ method, path, body, token }) => {
      const headers = { Accept: 'application/json, text/plain, */*' }
      if (body !== undefined) headers['Content-Type'] = 'application/json'
      if (token !== undefined) headers.Authorization = `Bearer ${token}`
      const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
      const text = await answer.text()
      let parsed
      try {
        parsed = JSON.parse(text)
      } catch {
        parsed = text
      }
      return { status: answer.status, body: parsed }
    },
    { method, path, body, token },
  )
}

const refresh = (page) => call(page, 'POST', '/api/auth/refresh', { body: {} })
const login = (page, { email, password } = ada) => call(page, 'POST', '/api/auth/login', { body: { email, password } })

test('the first visit: settings, a refresh that finds nobody, then the login page', async () => {
  const { page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  const config = await call(page, 'GET', '/api/config')
  assert.equal(config.status, 200)
  for (const key of ['appTitle', 'serverDomain', 'emailLoginEnabled', 'registrationEnabled', 'socialLoginEnabled', 'passwordResetEnabled', 'emailEnabled', 'socialLogins', 'interface']) {
    assert.ok(key in config.body, `/api/config has ${key}`)
  }
  const nobody = await refresh(page)
  assert.ok(nobody.status < 500)
  assert.ok(!nobody.body?.token)
  await close()
})

test('login, user, role, reload and logout', async () => {
  const { context, page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  const answer = await login(page)
  assert.equal(answer.status, 200)
  assert.equal(answer.body.user.email, ada.email)
  const { token } = answer.body

  const cookies = Object.fromEntries((await context.cookies()).map((cookie) => [cookie.name, cookie]))
  assert.equal(cookies.token_provider.value, 'librechat')
  for (const name of ['refreshToken', 'token_provider']) {
    assert.deepEqual([cookies[name].httpOnly, cookies[name].sameSite, cookies[name].path], [true, 'Strict', '/'], name)
  }

  const user = await call(page, 'GET', '/api/user', { token })
  assert.equal(user.status, 200)
  for (const key of ['id', 'username', 'email', 'name', 'avatar', 'role', 'provider', 'createdAt', 'updatedAt']) {
    assert.ok(key in user.body, `/api/user has ${key}`)
  }
  assert.equal((await call(page, 'GET', `/api/roles/${user.body.role}`, { token })).status, 200)
  assert.equal((await call(page, 'GET', '/api/user')).status, 401)
  assert.equal((await call(page, 'GET', '/api/user', { token: `${token}x` })).status, 401)

  await page.reload()
  const again = await refresh(page)
  assert.equal(again.status, 200)
  assert.equal(again.body.user.email, ada.email)

  assert.equal((await call(page, 'POST', '/api/auth/logout', { token: again.body.token })).status, 200)
  assert.ok(!(await refresh(page)).body?.token)
  assert.equal((await call(page, 'GET', '/api/user', { token: again.body.token })).status, 401, 'the token ends with its session')
  await close()
})

test('two tabs that refresh at the same moment both stay signed in, ten times over', async () => {
  const { context, page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  await login(page)
  const tab = await context.newPage()
  await tab.goto(`${server.origin}/api/config`)
  for (let round = 0; round < 10; round++) {
    const [one, two] = await Promise.all([refresh(page), refresh(tab)])
    assert.ok(one.body.token, `first tab, round ${round}: ${JSON.stringify(one)}`)
    assert.ok(two.body.token, `second tab, round ${round}: ${JSON.stringify(two)}`)
    assert.equal((await call(page, 'GET', '/api/user', { token: one.body.token })).status, 200)
  }
  await close()
})

test('ten tabs restored at once all stay signed in', async () => {
  const { context, page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  await login(page)
  const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
  await Promise.all(tabs.map((tab) => tab.goto(`${server.origin}/api/config`)))
  const answers = await Promise.all(tabs.map(refresh))
  assert.deepEqual(answers.map((answer) => Boolean(answer.body.token)), Array(10).fill(true))
  assert.ok((await refresh(page)).body.token)
  await close()
})

test('pages and client share one session', async () => {
  const { page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  const { body } = await login(page)
  await page.goto(server.origin)
  await steps.isHome(page)
  await call(page, 'POST', '/api/auth/logout', { token: body.token })
  await steps.isSignedOut(page, server)

  await steps.signIn(page, server, ada)
  assert.ok((await refresh(page)).body.token, 'a login on the page is one for the client')
  await steps.signOut(page)
  assert.ok(!(await refresh(page)).body?.token)
  await close()
})

test('second factor: enabled in the settings, asked for at the login, taken away', async () => {
  const { page, close } = await enter()
  await page.goto(`${server.origin}/login`)
  const { token } = (await login(page)).body
  const settings = (path, body) => call(page, 'POST', `/api/auth/2fa/${path}`, { body, token })
  const done = { status: 200, body: '' }

  const enabled = await settings('enable', {})
  assert.equal(enabled.status, 200)
  // The client cuts the secret out like this.
  const secret = enabled.body.otpauthUrl.split('secret=')[1].split('&')[0]
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.equal(enabled.body.backupCodes.length, 10)
  const first = code(secret)
  assert.deepEqual(await settings('verify', { token: first }), done)
  assert.deepEqual(await settings('confirm', { token: first }), done)
  assert.equal((await call(page, 'GET', '/api/user', { token })).body.twoFactorEnabled, true)

  const other = await enter()
  await other.page.goto(`${server.origin}/login`)
  const pending = await login(other.page)
  assert.deepEqual(Object.keys(pending.body), ['twoFAPending', 'tempToken'])
  assert.ok(!(await refresh(other.page)).body?.token, 'nobody is in after half a login')
  const verify = (answer) =>
    call(other.page, 'POST', '/api/auth/2fa/verify-temp', { body: { tempToken: pending.body.tempToken, ...answer } })
  const wrong = await verify({ backupCode: '00000000' })
  assert.deepEqual(wrong, { status: 401, body: { message: 'Invalid 2FA code or backup code' } })
  assert.equal((await verify({ token: first })).status, 401, 'the code of the set-up is used up')
  // A code that is accepted now and was not used yet, whatever the second.
  const verified = await verify({ token: code(secret, 1) })
  assert.equal(verified.status, 200)
  assert.equal(verified.body.user.email, ada.email)
  await other.page.reload()
  assert.ok((await refresh(other.page)).body.token, 'the cookies were set by the second step')

  const made = await settings('backup/regenerate', { backupCode: enabled.body.backupCodes[0] })
  assert.equal(made.status, 200)
  assert.deepEqual(Object.keys(made.body), ['backupCodes', 'backupCodesHash'])
  assert.deepEqual(made.body.backupCodesHash.map((mark) => [mark.codeHash.length, mark.used, mark.usedAt]), Array(10).fill([64, false, null]))
  assert.deepEqual(await settings('disable', { backupCode: made.body.backupCodes[0] }), done)
  assert.ok(!(await refresh(other.page)).body?.token, 'other sessions end')
  assert.ok((await login(other.page)).body.token)
  await other.close()
  await close()
})
