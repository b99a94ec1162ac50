import type { Configuration } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { configuration } from '../spec/given.js';
import { chatProblems } from './chat-problems.js';

type Chat = NonNullable<Configuration['chat']>;

const slack = { team: 'T1AB', app: 'A1AB', channel: 'C1AB', api: 'https://slack.com/api', users: [{ id: 'U1AB', principal: 'dba' }, { id: 'U2AB', principal: 'security' }] };
const teams: NonNullable<Chat['teams']> = {
  app: '6f1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c10', tenant: '7a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c11', conversation: '19:x@thread.tacv2', service: 'https://smba.example/emea', issuer: 'https://api.botframework.com',
  metadata: 'https://login.botframework.com/v1', token: 'https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token', users: [{ id: '8a1d0c1e-3c58-4a5e-9a52-0d6d5d2f8c12', principal: 'dba' }],
};
const chat: Chat = { page: 'http://localhost:8800/#/approvals', slack, teams, webhooks: [{ name: 'pager', url: 'https://pager.example/in', network: 'public' }] };
const told = (more: Partial<Chat>) => chatProblems(configuration({ chat: { ...chat, ...more } })).map(({ path, detail }) => `${path.join('.')}: ${detail}`);

describe('the chats of a configuration', () => {
  it('have no problem where every person is one and every address is safe', () => {
    expect(told({})).toEqual([]);
    expect(told({ webhooks: [{ name: 'here', url: 'http://127.0.0.1:9000/in', network: 'private' }] })).toEqual([]);
    expect(chatProblems(configuration())).toEqual([]);
  });

  it.each<[string, Partial<Chat>, string]>([
    ['an unknown person', { slack: { ...slack, users: [{ id: 'U1AB', principal: 'nobody' }] } }, 'chat.slack.users.0.principal: there is no principal nobody'],
    ['an agent', { slack: { ...slack, users: [{ id: 'U1AB', principal: 'agent-etl' }] } }, 'chat.slack.users.0.principal: agent-etl is an agent, and only people decide'],
    ['a person who is two', { slack: { ...slack, users: [...slack.users, { id: 'U1AB', team: 'T1AB', principal: 'security' }] } }, 'chat.slack.users.2.id: U1AB is dba above'],
    ['a person who is two, in capitals', { teams: { ...teams, users: [...teams.users, { id: teams.users[0]!.id.toUpperCase(), principal: 'security' }] } }, 'chat.teams.users.1.id: 8A1D0C1E-3C58-4A5E-9A52-0D6D5D2F8C12 is dba above'],
    ['an address in clear', { slack: { ...slack, api: 'http://slack.example/api' } }, 'chat.slack.api: http://slack.example does not speak https'],
    ['another scheme', { webhooks: [{ name: 'p', url: 'file:///etc/passwd', network: 'private' }] }, 'chat.webhooks.0.url: file:// does not speak https'],
    ['this machine as a public place', { webhooks: [{ name: 'p', url: 'http://127.0.0.1/in', network: 'public' }] }, 'chat.webhooks.0.url: 127.0.0.1 is this machine itself'],
    ['this machine in another spelling', { webhooks: [{ name: 'p', url: 'https://0x7f.1/in', network: 'public' }] }, 'chat.webhooks.0.url: 127.0.0.1 is this machine itself'],
    ['a password in an address', { webhooks: [{ name: 'p', url: 'https://a:b@pager.example/in', network: 'public' }] }, 'chat.webhooks.0.url: the address holds a user or a password'],
    ['a fragment where something is sent to', { webhooks: [{ name: 'p', url: 'https://pager.example/#x', network: 'public' }] }, 'chat.webhooks.0.url: the address has a fragment, which is sent to nobody'],
    ['a webhook named twice', { webhooks: [chat.webhooks[0]!, chat.webhooks[0]!] }, 'chat.webhooks.1.name: there is another webhook pager above'],
  ])('may not hold %s', (_what, more, problem) => expect(told(more)).toContain(problem));

  it('count a person of another workspace as another person', () => {
    expect(told({ slack: { ...slack, users: [...slack.users, { id: 'U1AB', team: 'T9XY', principal: 'security' }] } })).toEqual([]);
  });
});
