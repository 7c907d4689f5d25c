// Another host than the login's, guarded by a proxy that asks the server: a real Chromium comes there through the login, and
// stays there until the session ends.
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import { test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

/** A proxy as Caddy is: asks about every request, passes it on to a program of one page, or answers as it was told. */
async function startProxy(auth) {
  const proxy = createServer((req, res) => {
    const headers = {
      ...req.headers,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': req.headers.host,
      'x-forwarded-uri': req.url,
      'x-forwarded-method': req.method,
      'x-forwarded-for': '127.0.0.1',
    }
    const ask = request({ port: auth.port, host: '127.0.0.1', path: '/forward-auth/caddy', headers }, (answer) => {
      if (answer.statusCode !== 200) {
        res.writeHead(answer.statusCode, answer.headers)
        return answer.pipe(res)
      }
      answer.resume()
      res.writeHead(200, { 'content-type': 'text/html' })
      res.end(`<!doctype html><html lang="en"><title>Photos</title><link rel="icon" href="data:,"><h1>Photos of ${answer.headers['remote-user']}</h1>`)
    })
    ask.end()
  })
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return { port: proxy.address().port, stop: () => proxy.close() }
}

async function guarded(work) {
  const server = await startServer({
    LIBRECHAT_AUTH_TRUSTED_PROXIES: '127.0.0.1',
    LIBRECHAT_AUTH_ACCESS_RULES: JSON.stringify([{ hosts: ['photos.test', 'files.test'] }]),
  })
  const proxy = await startProxy(server)
  const browser = await launch({ hosts: ['photos.test', 'files.test'] })
  try {
    await work({ server, proxy, browser })
  } finally {
    await browser.close()
    proxy.stop()
    await server.stop()
  }
}

test('somebody who opens a page of another host signs in once and is there', async () => {
  await guarded(async ({ server, proxy, browser }) => {
    const first = await visitor(browser)
    await steps.setUp(first.page, server)
    await first.close()

    const guest = await visitor(browser)
    const { page } = guest
    const photos = `http://photos.test:${proxy.port}/album?year=2026`
    await page.goto(photos)
    assert.match(page.url(), /^http:\/\/localhost:\d+\/login\?/)
    await steps.fill(steps.form(page, '/login'), { 'Email address': steps.ada.email, Password: steps.ada.password })
    await steps.press(steps.form(page, '/login'), 'Sign in')
    await page.getByRole('heading', { name: `Photos of ${steps.ada.email}` }).waitFor()
    assert.equal(page.url(), photos)

    // A second host costs redirects and no password.
    await page.goto(`http://files.test:${proxy.port}/x`)
    await page.getByRole('heading', { name: 'Photos of' }).waitFor()
    assert.equal(page.url(), `http://files.test:${proxy.port}/x`)

    // Every host has a key of its own, and no script can read it.
    const cookies = await guest.context.cookies()
    const doors = cookies.filter((cookie) => cookie.name === 'librechat_auth_door')
    assert.deepEqual(doors.map((cookie) => cookie.domain).sort(), ['files.test', 'photos.test'])
    assert.equal(new Set(doors.map((cookie) => cookie.value)).size, 2)
    assert.equal(await page.evaluate(() => document.cookie), '')
    assert.deepEqual(guest.complaints, [])

    await guest.context.clearCookies({ domain: 'localhost' })
    await page.goto(photos)
    await page.getByRole('heading', { name: 'Photos of' }).waitFor()
    await guest.close()
  })
})

test('a link with the code of another person opens nothing', async () => {
  await guarded(async ({ server, proxy, browser }) => {
    const thief = await visitor(browser)
    await steps.setUp(thief.page, server)
    const photos = `http://photos.test:${proxy.port}`
    let callback
    await thief.page.route('**/.librechat-auth/callback?**', (route) => {
      callback = route.request().url()
      return route.abort()
    })
    thief.page.on('request', (request) => {
      if (request.url().includes('/.librechat-auth/callback?')) callback = request.url()
    })
    await thief.page.goto(`${photos}/`).catch(() => {})
    assert.ok(callback, 'a code was made')
    await thief.close()

    const victim = await visitor(browser)
    await victim.page.goto(callback)
    await victim.page.getByRole('heading', { name: 'The sign-in did not arrive' }).waitFor()
    assert.deepEqual((await victim.context.cookies()).filter((cookie) => cookie.name === 'librechat_auth_door'), [])
    await victim.close()
  })
})
