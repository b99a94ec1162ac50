import { z } from 'zod';
import { Name } from './name.js';

/** A person of a chat, and the principal of this configuration that they are. Declared, never guessed from a name or an address. */
const SlackUser = z.strictObject({
  /** The member id of the person's own workspace, e.g. U012AB3CD. */
  id: z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'a member id like U012AB3CD'),
  /** That workspace, where it is another than the app's (shared channels). */
  team: z.string().regex(/^[TE][A-Z0-9]{2,20}$/, 'a workspace id like T012AB3CD').optional(),
  principal: Name,
});

const TeamsUser = z.strictObject({
  /** The object id of the person in the tenant's directory. */
  id: z.uuid(),
  principal: Name,
});

/** How people are told of requests for approval outside Interlock, and who may answer there. Secrets are files, never here. */
export const Chat = z.strictObject({
  /** Address below which an approval is shown: `<page>/<id>`, e.g. `http://localhost:8800/#/approvals`. Every message links to it. */
  page: z.url(),
  slack: z.strictObject({
    /** Workspace and app that messages come from and answers belong to. */
    team: z.string().regex(/^[TE][A-Z0-9]{2,20}$/, 'a workspace id like T012AB3CD'),
    app: z.string().regex(/^A[A-Z0-9]{2,20}$/, 'an app id like A012AB3CD'),
    channel: z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'a channel id like C012AB3CD'),
    /** Where Slack's Web API is. */
    api: z.url().default('https://slack.com/api'),
    users: z.array(SlackUser).max(1_000).default([]),
  }).optional(),
  teams: z.strictObject({
    /** The bot's application id: audience of every request to it. */
    app: z.uuid().toLowerCase(),
    /** The directory that its people belong to. */
    tenant: z.uuid().toLowerCase(),
    conversation: z.string().min(1).max(300),
    /** Where the Bot Framework takes messages for that conversation. Requests that name another are refused. */
    service: z.url(),
    /** Issuer of the Bot Framework's tokens; its OpenID metadata is read below `metadata`. */
    issuer: z.url().default('https://api.botframework.com'),
    metadata: z.url().default('https://login.botframework.com/v1'),
    /** Where the bot's own token is had. */
    token: z.url().default('https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token'),
    users: z.array(TeamsUser).max(1_000).default([]),
  }).optional(),
  /** Destinations of signed messages (Standard Webhooks). What is not listed is not sent to. */
  webhooks: z.array(z.strictObject({
    name: Name,
    url: z.url(),
    /** `private`: the address may lie in a private network or on this machine. */
    network: z.enum(['public', 'private']).default('public'),
  })).max(20).default([]),
});
export type Chat = z.infer<typeof Chat>;

/** Roads by which a vote may come beside the REST door. */
export const ChatRoad = z.enum(['slack', 'teams']);
export type ChatRoad = z.infer<typeof ChatRoad>;

/** What a chat may know of an approval: no values, no parameters, nothing that is masked anywhere. */
export const ChatNotice = z.object({
  id: z.string(),
  /** Sequence of this state in stream GRANTS. */
  revision: z.number().int().positive(),
  status: z.enum(['pending', 'approved', 'denied', 'expired', 'withdrawn', 'consumed']),
  grantDigest: z.string(),
  requester: z.string(),
  target: z.string(),
  verb: z.string(),
  objects: z.array(z.string()),
  /** The command with every literal replaced; absent where it cannot be told for sure what in it is a literal. */
  text: z.string().optional(),
  /** What people agree to of its effect, a sentence each. */
  effect: z.array(z.string()).optional(),
  reasons: z.array(z.string()),
  quorum: z.array(z.object({ role: z.string(), count: z.number().int().positive() })),
  votes: z.array(z.object({ approver: z.string(), verdict: z.enum(['approve', 'deny']) })),
  /** Of a broken glass: who reviews it by when, and who has. */
  glass: z.object({
    standing: z.enum(['broken', 'overdue', 'accepted', 'objected']), reviewers: z.array(z.string()), reviewBy: z.string(),
    reviews: z.array(z.object({ reviewer: z.string(), verdict: z.enum(['accept', 'object']) })),
  }).optional(),
  requestedAt: z.string(),
  expiresAt: z.string(),
  /** Whether the rule accepts approval in Slack, and the whole command is told here. */
  approvable: z.boolean(),
});
export type ChatNotice = z.infer<typeof ChatNotice>;

/** One message to one destination, as stream CHAT holds it: what is to be told until it was, and what came of it. */
export const ChatDelivery = z.object({
  grant: z.string(),
  /** `slack`, `teams`, or `webhook:<name>`. */
  channel: z.string(),
  /** Present until the end: what is to be told. */
  notice: ChatNotice.optional(),
  revision: z.number().int().positive(),
  state: z.enum(['waiting', 'sending', 'delivered', 'abandoned']),
  attempts: z.number().int().nonnegative(),
  /** Not before (RFC 3339); of one being sent: when its sender counts as gone. */
  dueAt: z.string(),
  /** When it was first to be told. */
  since: z.string(),
  /** A send is or was under way whose end nobody saw: it may have arrived. */
  doubtful: z.boolean().optional(),
  /** Where it stands in the chat. */
  message: z.string().optional(),
});
export type ChatDelivery = z.infer<typeof ChatDelivery>;

/** A chat's own signed request, exactly as it came: what approval verifies. Sealed to it under purpose `chat-request`. */
export const ChatRequest = z.discriminatedUnion('road', [
  z.object({ road: z.literal('slack'), timestamp: z.string(), signature: z.string(), body: z.string().max(65_536) }),
  z.object({ road: z.literal('teams'), token: z.string(), body: z.string().max(65_536) }),
]);
export type ChatRequest = z.infer<typeof ChatRequest>;
