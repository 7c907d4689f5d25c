// How a page has to look: readable for all, as wide as the window, and kept as pictures.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { audit, scrollsSideways } from './browser.mjs'

const pictures = process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../target/screenshots', import.meta.url))

/** Checks the page that is open at each width, light and dark, and takes pictures of it. */
export async function looksRight(page, name) {
  mkdirSync(pictures, { recursive: true })
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [320, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      const where = `${name}, ${width} px, ${colorScheme}`
      assert.deepEqual(await audit(page), [], where)
      assert.equal(await scrollsSideways(page), false, `${where}: wider than the window`)
    }
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
  }
}
