import type { Configuration } from '@interlock/contracts';
import type { ConfigurationProblem } from './configuration-problems.js';
import { oneOf } from './people.js';

type Chat = NonNullable<Configuration['chat']>;
type Path = ConfigurationProblem['path'];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What of the chats leads nowhere, or to two people: addresses in clear, persons that are nobody, or somebody twice. */
export function chatProblems(configuration: Configuration): ConfigurationProblem[] {
  const { chat } = configuration;
  if (!chat) return [];
  return [
    ...addresses(chat).flatMap(([path, url, inside]) => addressProblems(path, url, inside)),
    ...(['slack', 'teams'] as const).flatMap((road) => personProblems(road, configuration)),
    ...chat.webhooks.flatMap(({ name }, index) => (chat.webhooks.findIndex((other) => other.name === name) < index
      ? [{ path: ['chat', 'webhooks', index, 'name'], detail: `there is another webhook ${name} above`, expected: 'a name of its own' }]
      : [])),
  ];
}

function addresses({ page, slack, teams, webhooks }: Chat): [path: Path, url: string, mayBePrivate: boolean][] {
  return [
    [['chat', 'page'], page, true],
    ...(slack ? [[['chat', 'slack', 'api'], slack.api, true] satisfies [Path, string, boolean]] : []),
    ...(teams ? (['service', 'metadata', 'token'] as const).map((name): [Path, string, boolean] => [['chat', 'teams', name], teams[name], true]) : []),
    ...webhooks.map(({ url, network }, index): [Path, string, boolean] => [['chat', 'webhooks', index, 'url'], url, network === 'private']),
  ];
}

/** Messages carry what people decide by, and tokens go with them: nothing of it in clear beyond this machine. */
function addressProblems(path: Path, address: string, mayBePrivate: boolean): ConfigurationProblem[] {
  const { protocol, hostname, username, password, hash } = new URL(address);
  if (username !== '' || password !== '') return [{ path, detail: 'the address holds a user or a password', expected: 'secrets in files, and an address without them' }];
  // A page may be told apart by what stands behind the sign; nothing that is sent to has one.
  if (hash !== '' && path[1] !== 'page') return [{ path, detail: 'the address has a fragment, which is sent to nobody', expected: 'an address without one' }];
  const isLoopback = LOOPBACK.test(hostname);
  if (isLoopback && !mayBePrivate) return [{ path, detail: `${hostname} is this machine itself`, expected: 'a public address, or network: private' }];
  return protocol === 'https:' || (protocol === 'http:' && isLoopback) ? [] : [{ path, detail: `${protocol}//${hostname} does not speak https`, expected: 'https, or http on loopback' }];
}

function personProblems(road: 'slack' | 'teams', { chat, principals }: Configuration): ConfigurationProblem[] {
  const users: readonly { readonly id: string; readonly team?: string | undefined; readonly principal: string }[] = chat?.[road]?.users ?? [];
  const keyOf = (user: (typeof users)[number]): string => `${user.team ?? chat?.slack?.team ?? ''} ${user.id.toLowerCase()}`;
  const people = principals.filter(({ kind }) => kind === 'human').map(({ name }) => name);
  return users.flatMap((user, index) => {
    const path = ['chat', road, 'users', index];
    const twin = users.slice(0, index).find((other) => keyOf(other) === keyOf(user));
    return [
      ...(people.includes(user.principal) ? [] : [{ path: [...path, 'principal'], detail: principals.some(({ name }) => name === user.principal) ? `${user.principal} is an agent, and only people decide` : `there is no principal ${user.principal}`, expected: oneOf(people) }]),
      ...(twin ? [{ path: [...path, 'id'], detail: `${user.id} is ${twin.principal} above`, expected: 'each person once' }] : []),
    ];
  });
}
