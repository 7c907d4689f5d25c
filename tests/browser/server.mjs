// Starts the built server as an operator would: a fresh data folder, a free port, settings from the environment.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const binary = process.env.LIBRECHAT_AUTH_BIN
const patience = 60_000

/**
 * A running server: `port`, `origin`, `setupPath` (path and query of the printed set-up link), `setting` more environment.
 * Rejects with what the server printed if it ends or stays silent.
 */
export async function startServer(settings = {}) {
  if (!binary) throw new Error('LIBRECHAT_AUTH_BIN must name the built server: run `make browser`')
  const data = mkdtempSync(join(tmpdir(), 'librechat-auth-browser-'))
  const child = spawn(binary, ['serve'], {
    cwd: data, // no settings file of the person who runs the tests gets in
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      LIBRECHAT_AUTH_DATA: join(data, 'data'),
      ALLOW_REGISTRATION: 'true',
      LOGIN_MAX: '1000',
      REGISTER_MAX: '1000',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => child.kill('SIGKILL')) // a test run that fails half-way leaves nothing behind
  const printed = []
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  const link = new Promise((resolve, reject) => {
    const tell = (why) => reject(new Error(`the server ${why}; it printed:\n${printed.join('\n')}`))
    const timer = setTimeout(() => tell('printed no set-up link in time'), patience)
    ended.then((how) => tell(`ended with ${how}`))
    child.once('error', (error) => tell(`did not start: ${error.message}`))
    const read = (line) => {
      printed.push(line)
      const found = line.match(/https?:\/\/\S+\/setup\S*/)
      if (!found) return
      clearTimeout(timer)
      resolve(new URL(found[0]))
    }
    createInterface({ input: child.stdout }).on('line', read)
    createInterface({ input: child.stderr }).on('line', (line) => printed.push(line))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const status = await ended
    rmSync(data, { recursive: true, force: true })
    return status
  }
  try {
    const url = await link
    return {
      port: url.port,
      origin: `http://localhost:${url.port}`,
      setupPath: url.pathname + url.search,
      printed,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
