// One host in TypeScript against the real server: what each kind of person or client leads to.
// Arguments: v1|v2, stdio|http, legacy|2026-07-28. Standard input: {python, home, url, token, draft}. Standard output: JSON.
import { readFileSync } from 'node:fs'

const [generation, transport, era] = process.argv.slice(2)
const given = JSON.parse(readFileSync(0, 'utf8'))
const info = { name: `TypeScript ${generation}`, version: '1' }

async function parts() {
  if (generation === 'v1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js')
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js')
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js')
    const { ElicitRequestSchema } = await import('@modelcontextprotocol/sdk/types.js')
    return { Client, StdioClientTransport, StreamableHTTPClientTransport, elicit: ElicitRequestSchema }
  }
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio')
  return { Client, StdioClientTransport, StreamableHTTPClientTransport, elicit: 'elicitation/create' }
}

const { Client, StdioClientTransport, StreamableHTTPClientTransport, elicit } = await parts()

const wire = () =>
  transport === 'stdio'
    ? new StdioClientTransport({
        command: given.python,
        args: ['-m', 'mcp_server'],
        cwd: given.root,
        env: { PATH: process.env.PATH, SEAX_HOME: given.home },
        stderr: 'ignore',
      })
    : new StreamableHTTPClientTransport(new URL(given.url), {
        requestInit: { headers: { Authorization: `Bearer ${given.token}` } },
      })

const filled = (question) => ({
  approve: true,
  recipients: Number(/^Recipients: ([\d,]+)/m.exec(question)[1].replaceAll(',', '')),
})
const people = {
  accept: (question) => ({ action: 'accept', content: filled(question) }),
  decline: () => ({ action: 'decline' }),
  cancel: () => ({ action: 'cancel' }),
  'wrong count': (question) => ({ action: 'accept', content: { approve: true, recipients: filled(question).recipients + 1 } }),
  empty: () => ({ action: 'accept', content: {} }),
}

let person = people.cancel // who sits before the host now
let questions = []

async function connected(canAsk) {
  const capabilities = canAsk ? { elicitation: { form: {} } } : {}
  const versionNegotiation = { mode: era === 'legacy' ? 'legacy' : { pin: era } }
  const client = new Client(info, generation === 'v1' ? { capabilities } : { capabilities, versionNegotiation })
  if (canAsk) {
    client.setRequestHandler(elicit, async (request) => {
      questions.push(request.params.message)
      return person(request.params.message)
    })
  }
  await client.connect(wire())
  return client
}

const called = async (client, name, args, options) =>
  generation === 'v1' ? client.callTool({ name, arguments: args }) : client.callTool({ name, arguments: args }, options)
const text = (result) => (result.content ?? []).map((block) => block.text ?? '').join('\n')

async function planned(client, name) {
  const result = await called(client, 'plan_campaign', { ...given.draft, name })
  return JSON.parse(text(result)).plan_id
}

const outcomes = {}
async function attempt(client, name, who, act) {
  person = who
  questions = []
  const plan = await planned(client, `${generation} ${transport} ${era} ${name}`)
  let said
  try {
    said = text(await act(client, plan))
  } catch (error) {
    said = String(error.message ?? error)
  }
  const state = JSON.parse(text(await called(client, 'get_plan', { plan_id: plan }))).state
  outcomes[name] = { state, questions: questions.length, said }
}

const send = (client, plan) => called(client, 'send_plan', { plan_id: plan })
const mute = await connected(false)
await attempt(mute, 'no capability', null, send)
await mute.close()
const asking = await connected(true)
for (const [name, who] of Object.entries(people)) await attempt(asking, name, who, send)
await attempt(asking, 'replayed', people.accept, async (client, plan) => {
  await send(client, plan)
  return send(client, plan)
})
if (generation === 'v2' && era !== 'legacy') {
  const byHand = async (client, plan, change) => {
    const ask = { name: 'send_plan', arguments: { plan_id: plan } }
    const asked = await client.callTool(ask, { allowInputRequired: true })
    const [key, request] = Object.entries(asked.inputRequests)[0]
    const answer = { [key]: people.accept(request.params.message) }
    const again = (state) =>
      client.callTool({ ...ask, inputResponses: answer, requestState: state }, { allowInputRequired: true })
    return change(again, asked.requestState)
  }
  await attempt(asking, 'tampered state', people.accept, (client, plan) =>
    byHand(client, plan, (again, state) => again(`${state.slice(0, -6)}AAAAAA`)))
  await attempt(asking, 'replayed state', people.accept, (client, plan) =>
    byHand(client, plan, async (again, state) => {
      await again(state)
      return again(state)
    }))
}
await asking.close()
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0))
