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

/** Makes an account on the page for it. */
export async function create(page, server, { name, email, password }) {
  await page.goto(`${server.origin}/admin/users/new`)
  const form = steps.form(page, '/admin/users/new')
  await steps.fill(form, { 'Email address': email, Name: name })
  await form.locator('input[name=password]').fill(password)
  await steps.press(form, 'New user')
  await steps.sees(page, `The account of ${email} is there.`)
}

export { looksRight } from './look.mjs'
