// Evaluates requests against policies as AWS does: a list of requests as JSON on
// stdin, the list of answers (Allowed, ImplicitlyDenied, ExplicitlyDenied, or what
// is wrong with the question) as JSON on stdout.
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { text } from 'node:stream/consumers'

async function judge({ principal, action, resource, account, context, policies, trust }) {
  const answer = await runSimulation({
    request: { principal, action, resource: { resource, accountId: account }, contextVariables: context ?? {} },
    identityPolicies: policies.map((policy, i) => ({ name: `p${i}`, policy })),
    resourcePolicy: trust,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {})
  if (answer.resultType === 'error') return JSON.stringify(answer.errors)
  const ignored = (answer.results ?? [answer.result]).flatMap((r) => r.ignoredContextKeys ?? [])
  return ignored.length > 0 ? `${action} has no ${ignored.join(', ')}` : answer.overallResult
}

const answers = []
for (const request of JSON.parse(await text(process.stdin))) answers.push(await judge(request))
console.log(JSON.stringify(answers))
