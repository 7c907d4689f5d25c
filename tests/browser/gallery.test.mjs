// The samples of every page in every state, as the unit tests of the views have written them: also the states that no
// journey reaches, such as a server error.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { audit, launch, scrollsSideways, visitor } from './browser.mjs'

const folder = process.env.SAMPLES ?? fileURLToPath(new URL('../../target/pages', import.meta.url))
const missing = !existsSync(folder) && `no samples in ${folder}: run cargo test --lib web::views first`

test('every sample is readable for all and as wide as the window', { skip: missing }, async () => {
  const samples = readdirSync(folder).filter((name) => name.endsWith('-en.html'))
  assert.ok(samples.length > 10, `samples in ${folder}`)
  const browser = await launch()
  const { page } = await visitor(browser, { reducedMotion: 'reduce' })
  const found = []
  for (const name of samples) {
    await page.goto(pathToFileURL(join(folder, name)).href)
    await page.evaluate(() => document.querySelectorAll('details').forEach((part) => (part.open = true)))
    for (const [width, colorScheme] of [[320, 'light'], [1280, 'dark']]) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
      const where = `${name}, ${width} px, ${colorScheme}`
      found.push(...(await audit(page)).map((finding) => `${where}: ${finding}`))
      if (await scrollsSideways(page)) found.push(`${where}: wider than the window`)
    }
  }
  await browser.close()
  assert.deepEqual(found, [])
})
