// The audit log as an admin reads it: searched, followed to a timeline, taken away and verified, with and without script.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

async function search(page, fields, kind) {
  const filters = page.locator('form.filters')
  await steps.fill(filters, fields)
  if (kind) await filters.getByLabel('Kind', { exact: true }).selectOption(kind)
  await steps.press(filters, 'Search')
}

async function walk(page, origin) {
  await page.goto(`${origin}/admin/audit`)
  await page.getByRole('heading', { name: 'Audit log' }).waitFor()
  await search(page, {}, 'set_up')
  await page.locator('table.grid tbody').getByText('This server was set up').waitFor()
  assert.equal(await page.locator('table.grid tbody tr').count(), 1)
  await page.locator('table.grid tbody').getByRole('link', { name: steps.ada.email }).first().click()
  await page.getByRole('heading', { name: `Timeline of ${steps.ada.email}` }).waitFor()
  await search(page, { From: 'yesterday' })
  await steps.sees(page, 'This is no time.')
  await page.goto(`${origin}/admin/audit`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'As CSV, for spreadsheets' }).click(),
  ])
  assert.match(download.suggestedFilename(), /^audit-.*\.csv$/)
  assert.match(await readFile(await download.path(), 'utf8'), /^"id","at","kind"/)
  await steps.press(page, 'Verify the whole log')
  await steps.sees(page, 'Nobody has touched it')
  const head = await page.locator('code').innerText()
  await page.getByLabel('A head that you kept').fill(head)
  await steps.press(page, 'Verify the whole log')
  await steps.sees(page, 'Heads that you kept and that fit: 1.')
}

test('the audit log is searched, taken away and verified', () =>
  administered(async ({ server, page }) => {
    await walk(page, server.origin)
    await looksRight(page, 'admin-audit-verified')
    await page.goto(`${server.origin}/admin/audit`)
    await looksRight(page, 'admin-audit')
  }))

test('the audit log works without script', () =>
  administered(async ({ server, browser }) => {
    const bare = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(bare.page, server, steps.ada)
    await walk(bare.page, server.origin)
  }))
