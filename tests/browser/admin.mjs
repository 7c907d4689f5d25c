// The administration as an admin walks through it: a server, its first admin signed in, and how its pages have to look.
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

/** Runs `work` with a server whose admin (`steps.ada`) is signed in. */
export async function administered(work, settings = {}) {
  const server = await startServer({ LOGIN_MAX: '100', ...settings })
  const browser = await launch()
  try {
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await work({ server, browser, admin, page: admin.page })
  } finally {
    await browser.close()
    await server.stop()
  }
}

export { looksRight } from './look.mjs'
