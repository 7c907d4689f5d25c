// A mail server that keeps what it gets: enough SMTP for the server under test, and links are read out of the text part.
import { createServer } from 'node:net'

const patience = 20_000

function quotedPrintable(text) {
  const bytes = text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The links of the text part of a raw message. */
function links(raw) {
  const boundary = raw.match(/boundary="([^"]+)"/)[1]
  const part = raw.split(`\r\n--${boundary}`).find((part) => /content-type: text\/plain/i.test(part))
  return quotedPrintable(part.slice(part.indexOf('\r\n\r\n'))).match(/https?:\/\/\S+/g) ?? []
}

/** One visit of a mail client; `take` gets each letter. */
function converse(socket, take) {
  let rest = ''
  let data = null
  let to = null
  socket.setEncoding('latin1')
  const say = (line) => socket.write(`${line}\r\n`)
  const line = (text) => {
    if (data !== null) {
      if (text !== '.') return data.push(text.replace(/^\./, ''))
      take({ to, raw: data.join('\r\n') })
      data = null
      return say('250 taken')
    }
    const verb = text.slice(0, 4).toUpperCase()
    if (verb === 'RCPT') to = text.match(/<([^>]*)>/)[1]
    if (verb === 'DATA') {
      data = []
      return say('354 go on')
    }
    say(verb === 'QUIT' ? '221 bye' : '250 fine')
    if (verb === 'QUIT') socket.end()
  }
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\r\n')
    rest = lines.pop()
    lines.forEach(line)
  })
  say('220 mailbox ready')
}

/** Starts it: `settings` for the server, `path(address, start)` waits for a letter and answers with path and query of its link. */
export async function openMailbox() {
  const letters = []
  let waiting = []
  const server = createServer((socket) =>
    converse(socket, (letter) => {
      letters.push(letter)
      waiting.forEach((look) => look())
    }),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const find = (address, start) => {
    const at = letters.findIndex(({ to, raw }) => to === address && links(raw).some((link) => new URL(link).pathname.startsWith(start)))
    if (at < 0) return null
    const [letter] = letters.splice(at, 1)
    const url = new URL(links(letter.raw).find((link) => new URL(link).pathname.startsWith(start)))
    return url.pathname + url.search
  }
  const path = (address, start) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no letter to ${address} with a link to ${start}`)), patience)
      const look = () => {
        const found = find(address, start)
        if (found === null) return
        clearTimeout(timer)
        waiting = waiting.filter((other) => other !== look)
        resolve(found)
      }
      waiting.push(look)
      look()
    })
  const settings = {
    EMAIL_HOST: '127.0.0.1',
    EMAIL_PORT: String(server.address().port),
    EMAIL_FROM: 'login@example.test',
  }
  return { settings, path, close: () => server.close() }
}
