// A real Chromium for the journeys: started with a fresh profile, cut off from every host but this machine, watched for
// whatever a page should not do, and checked with axe.
import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The installed browser: `CHROMIUM`, or the first one on the path. */
function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  const places = process.env.PATH.split(delimiter).flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)))
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (!found) throw new Error('no chromium on the path: run `make browser`, or set CHROMIUM')
  return found
}

/** Starts Chromium. `hosts` are names that lead to this machine; every other name fails at once, as without a network. */
export function launch({ hosts = [] } = {}) {
  const rules = [...hosts.map((host) => `MAP ${host} 127.0.0.1`), 'MAP * ~NOTFOUND', 'EXCLUDE localhost', 'EXCLUDE 127.0.0.1']
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-default-apps',
      '--disable-domain-reliability',
      '--no-pings',
      `--host-resolver-rules=${rules.join(', ')}`,
    ],
  })
}

/**
 * A new person at the browser: own cookies, English, light. `complaints` collects what must not happen on any page: script
 * errors, refused content, failed or foreign requests, missing files, server errors.
 */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(20_000)
  const complaints = []
  const isDocument = (request) => request.resourceType() === 'document'
  context.on('console', (message) => {
    // A page may be answered with 404 or 422; that is seen in the response below, not in this echo of it.
    const isEcho = message.text().startsWith('Failed to load resource: the server responded with a status of')
    if (['error', 'warning'].includes(message.type()) && !isEcho) complaints.push(`console: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`script: ${error.error()}`))
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    const isOwn = protocol === 'data:' || ['localhost', '127.0.0.1'].includes(hostname) || hostname.endsWith('.test')
    if (!isOwn) complaints.push(`foreign request: ${request.url()}`)
  })
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // A navigation that starts before the last one ended aborts what it was loading.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`failed request: ${request.url()} ${reason}`)
  })
  context.on('response', (response) => {
    const status = response.status()
    const isBad = status >= 500 || (status >= 400 && !isDocument(response.request()) && response.request().resourceType() !== 'fetch')
    if (isBad) complaints.push(`status ${status}: ${response.url()}`)
  })
  const page = await context.newPage()
  page.on('dialog', (dialog) => dialog.accept())
  return { context, page, complaints, close: () => context.close() }
}

/** What axe finds on the page as it is now, one line for each finding; empty is good. */
export async function audit(page) {
  await page.evaluate(axeSource) // through the debugger, which a strict Content-Security-Policy does not stop
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false })) // it may not fetch our style sheets either
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

/** Whether the page is wider than the window. */
export function scrollsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
}
