// A site that knows a real provider, with the provider's own login form and consent page.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startServer } from './server.mjs'

const peers = join(dirname(fileURLToPath(import.meta.url)), '..', 'peers')

/** A port below those that the system hands out by itself: nobody is given it while the provider starts. */
async function freePort() {
  const port = 20000 + Math.floor(Math.random() * 10000)
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error.code === 'EADDRINUSE') return freePort()
    throw error
  }
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

/** Both, at work: `provider` and `server`. */
export async function start(more = {}) {
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

/** The provider's login form, and its consent page. */
export async function signInThere(page, server, login) {
  await page.getByLabel('Login').fill(login)
  await page.getByLabel('Password').fill('anything')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((url) => url.origin === server.origin)
}
