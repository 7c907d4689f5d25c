// What people do on the pages, in the words they see there. A step waits for its outcome, so journeys never wait themselves.
import assert from 'node:assert/strict'
import { code } from './authenticator.mjs'

export const ada = { name: 'Ada Lovelace', email: 'ada@example.test', password: 'four engines turn at noon' }
export const bob = { name: 'Bob <b>& Sons</b>', username: 'bob', email: 'bob@example.test', password: 'paper boats on a slow river' }

/** The form that posts to `action`; its fields are found in it by their labels. */
export function form(page, action) {
  return page.locator(`form[action$="${action}"]`)
}

/** Types into the fields, given by label, and leaves out what is not given. */
export async function fill(scope, fields) {
  for (const [label, text] of Object.entries(fields)) {
    if (text !== undefined) await scope.getByLabel(label, { exact: true }).fill(text)
  }
}

export async function press(scope, button) {
  await scope.getByRole('button', { name: button }).click()
}

/** Unfolds the part of the account page that holds a form, if it is folded. */
export async function unfold(page, action) {
  const part = page.locator('details', { has: form(page, action) })
  if ((await part.getAttribute('open')) === null) await part.locator('summary').click()
}

export async function sees(page, text) {
  await page.getByText(text).first().waitFor()
}

/** Opens the printed link and makes the administrator, who is signed in afterwards. */
export async function setUp(page, server, person = ada) {
  await page.goto(server.origin + server.setupPath)
  const setup = form(page, '/setup')
  await fill(setup, { Name: person.name, 'Email address': person.email, Password: person.password, 'Repeat the password': person.password })
  await press(setup, 'Create administrator')
  await isHome(page)
}

export async function register(page, server, person) {
  await page.goto(`${server.origin}/register`)
  await fillRegistration(page, person)
  await press(form(page, '/register'), 'Create account')
  await sees(page, 'Your account is ready')
}

export async function fillRegistration(page, person) {
  await fill(form(page, '/register'), {
    Name: person.name,
    'Email address': person.email,
    Password: person.password,
    'Repeat the password': person.repeated ?? person.password,
  })
}

/** Fills the login form that is open, or opens it first. */
export async function tryToSignIn(page, server, { email, password }) {
  if (new URL(page.url()).pathname !== '/login') await page.goto(`${server.origin}/login`)
  const login = form(page, '/login')
  await fill(login, { 'Email address': email, Password: password })
  await press(login, 'Sign in')
}

export async function signIn(page, server, person) {
  await tryToSignIn(page, server, person)
  await isHome(page)
}

export async function signOut(page) {
  await press(form(page, '/logout'), 'Sign out')
  await sees(page, 'You are signed out.')
}

/** The account page is open. */
export async function isHome(page) {
  await page.waitForURL((url) => url.pathname === '/')
  await form(page, '/account/name').waitFor({ state: 'attached' }) // it is folded
}

export async function changeName(page, name) {
  await unfold(page, '/account/name')
  await fill(form(page, '/account/name'), { Name: name })
  await press(form(page, '/account/name'), 'Save name')
  await sees(page, 'Your name was saved.')
}

export async function tryToChangePassword(page, current, wanted) {
  await unfold(page, '/account/password')
  const change = form(page, '/account/password')
  await fill(change, { 'Current password': current, 'New password': wanted, 'Repeat the password': wanted })
  await press(change, 'Save password')
}

export async function tryToDeleteAccount(page, password) {
  await unfold(page, '/account/delete')
  await fill(form(page, '/account/delete'), { 'Current password': password })
  await press(form(page, '/account/delete'), 'Delete for good')
}

/** Nobody is signed in here: the account page leads to the login. */
export async function isSignedOut(page, server) {
  await page.goto(`${server.origin}/`)
  assert.equal(new URL(page.url()).pathname, '/login')
  await form(page, '/login').waitFor()
}

/** The page with the picture for the authenticator app is open. */
export async function beginTwoFactor(page, { password }) {
  await page.goto(new URL('/account/two-factor', page.url()).href)
  const begin = form(page, '/account/two-factor/begin')
  await fill(begin, { 'Current password': password })
  await press(begin, 'Set up')
  await form(page, '/account/two-factor/confirm').waitFor()
}

/** The secret as the page shows it for typing. */
export async function readSecret(page) {
  const text = await page.locator('.secret').textContent()
  return text.replace(/\s/g, '')
}

/** Enters the first code; the backup codes are shown. */
export async function confirmTwoFactor(page) {
  const secret = await readSecret(page)
  const confirm = form(page, '/account/two-factor/confirm')
  await fill(confirm, { Code: code(secret) })
  await press(confirm, 'Confirm')
  await sees(page, 'Keep your backup codes')
  return { secret, codes: await page.locator('.codes code').allTextContents() }
}

/** Sets two-step sign-in up; the backup codes are shown. */
export async function showBackupCodes(page, person) {
  await beginTwoFactor(page, person)
  return confirmTwoFactor(page)
}

/** Sets two-step sign-in up and goes back to the account. */
export async function setUpTwoFactor(page, person) {
  const made = await showBackupCodes(page, person)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await sees(page, '10 backup codes are left.')
  await page.goto(new URL('/', page.url()).href)
  return made
}
