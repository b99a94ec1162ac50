import { z } from 'zod';
import { Duty } from './action.js';
import { Budget } from './budget.js';
import { Chat } from './chat.js';
import { Name } from './name.js';
import { RiskModel } from './risk.js';
import { VERBS, type Verb } from './vocabulary.js';

const Resource = z.string().regex(/^[A-Z][A-Za-z]*::"[^"\\]+"$/, 'a resource as rules write it, e.g. Table::"shop/public/orders"');

export const Issuer = z.strictObject({
  name: Name,
  /** The `iss` value; discovery is read below it unless `discoveryUrl` is given. */
  url: z.url(),
  audience: z.string().min(1),
  /** Signature algorithms accepted from this issuer, no others. */
  algorithms: z.array(z.enum(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'RS256', 'PS256'])).min(1),
  clockSkewSeconds: z.number().int().min(0).max(300).default(60),
  /** Claim that carries role names, where the issuer is trusted to grant them. */
  rolesClaim: z.string().optional(),
  /** Public client of the approval page at this issuer (authorization code with PKCE); nobody signs in there by an issuer without one. */
  pageClient: z.string().min(1).max(200).optional(),
});
export type Issuer = z.infer<typeof Issuer>;

export const PrincipalEntry = z.strictObject({
  name: Name,
  kind: z.enum(['agent', 'human']),
  issuer: Name,
  subject: z.string().min(1),
  roles: z.array(Name).default([]),
  /** Agents: names of its owners, people or other agents. Unknown: empty, counts as shared, whatever else is known. */
  owners: z.array(Name).default([]),
  /** Who made this principal, people or agents, e.g. the agent that started it. Their humans are behind it as its owners' are, for good. */
  createdBy: z.array(Name).min(1).optional(),
  /** Who has it run at times: a scheduler, or whoever set that up. Their humans are behind it, too. */
  scheduledBy: z.array(Name).min(1).optional(),
  /** Humans: the human this account belongs to, when one person has several accounts; the entry's own name otherwise. */
  human: Name.optional(),
});
export type PrincipalEntry = z.infer<typeof PrincipalEntry>;

/** Most actors that a token may name, whatever a configuration says. */
export const ACTORS_MAX = 8;

/** Who may act with whose token (RFC 8693, claim `act`). What is not said is not allowed. */
export const Delegation = z.strictObject({
  /** Most actors in one token: at 1, whoever acts for another hands that on to nobody. */
  depth: z.number().int().min(1).max(ACTORS_MAX).default(1),
  /** `actor` may act with the tokens of each of `for`, and, as far as `depth` goes, with those that these act with. Names of principals. */
  allowed: z.array(z.strictObject({ actor: Name, for: z.array(Name).min(1).max(1_000) })).min(1).max(1_000),
});
export type Delegation = z.infer<typeof Delegation>;

export const Target = z.strictObject({
  name: Name,
  protocol: z.literal('postgres'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(5432),
  database: z.string().min(1),
  tls: z.enum(['disable', 'require', 'verify-full']).default('verify-full'),
  /** PEM of the authority for `verify-full`; the system's authorities otherwise. */
  ca: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});
export type Target = z.infer<typeof Target>;

/**
 * What a masked cell becomes: a fixed word, its last characters, NULL, a token that only its key reverses, other digits for its digits, or a coarser value.
 */
export const Transform = z.enum(['redact', 'partial', 'null', 'token', 'format-preserving', 'generalise']);
export type Transform = z.infer<typeof Transform>;

/** `schema.table.column`, exact names as the catalog holds them. */
const ColumnPath = z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/, 'schema.table.column');

/** The tag of a column that was looked at and holds nothing to hide. */
export const NOTHING_TO_HIDE = 'none';

/** What a column holds, in a word of the installation's own (`email`, `salary`, `none`), and whose word that is. */
export const ColumnTag = z.strictObject({
  target: Name,
  column: ColumnPath,
  tag: Name,
  /** Who looked. */
  by: Name.optional(),
  /** How sure that is, 0 to 1; a person who looked is sure. */
  sure: z.number().min(0).max(1).default(1),
});
export type ColumnTag = z.infer<typeof ColumnTag>;

/** How sensitive something is, as a set of tags, e.g. `personal` for e-mail addresses and phone numbers. */
export const Classification = z.strictObject({ name: Name, tags: z.array(Name).min(1).max(1_000) });
export type Classification = z.infer<typeof Classification>;

/** What a session may say it is for. Only principals of these roles may say so. */
export const Purpose = z.strictObject({ name: Name, roles: z.array(Name).min(1).max(1_000), about: z.string().min(1).max(500).optional() });
export type Purpose = z.infer<typeof Purpose>;

/** What values are, as far as tokens go: the same value has the same token within one kind, and nowhere else. Tokens begin with it. */
export const TokenKind = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a kind of lower-case letters, digits and dashes');

/** What is left of a value: of a date its year or its month, of a number the floor of its bucket, of a text its first characters. */
export const Generalisation = z.union([
  z.strictObject({ to: z.enum(['year', 'month']) }),
  z.strictObject({ bucket: z.number().int().min(2).max(1_000_000_000) }),
  z.strictObject({ first: z.number().int().min(1).max(32) }),
]);
export type Generalisation = z.infer<typeof Generalisation>;

/** Which option belongs to which transform. */
const OPTIONS: Readonly<Record<'kind' | 'generalise' | 'last', readonly Transform[]>> = { kind: ['token', 'format-preserving'], generalise: ['generalise'], last: ['partial'] };

export const MaskingRule = z.strictObject({
  id: Name,
  /** Where it holds: always said with a column; everywhere, where a rule by tag or classification does not say it. */
  target: Name.optional(),
  /** One column, or all that have a tag, or all that have a tag of a classification. */
  column: ColumnPath.optional(),
  tag: Name.optional(),
  classification: Name.optional(),
  transform: Transform.default('redact'),
  /** Of `token` and `format-preserving`, which need it: whose key is used. */
  kind: TokenKind.optional(),
  /** Of `generalise`, which needs it. */
  generalise: Generalisation.optional(),
  /** Of `partial`: how many characters are left, four where it is absent. */
  last: z.number().int().min(1).max(8).optional(),
  /** Roles that see the clear value. */
  except: z.array(Name).default([]),
  /** Purposes for which the clear value is seen, by sessions that state one of them. */
  exceptFor: z.array(Name).optional(),
}).superRefine((rule, context) => {
  const named = [rule.column, rule.tag, rule.classification].filter((one) => one !== undefined);
  if (named.length !== 1) context.addIssue({ code: 'custom', path: named.length === 0 ? [] : ['column'], message: 'a rule names what it masks in one way: column, tag or classification' });
  if (rule.column !== undefined && rule.target === undefined) context.addIssue({ code: 'custom', path: ['column'], message: 'a rule for a column names its target' });
  for (const [option, transforms] of Object.entries(OPTIONS) as [keyof typeof OPTIONS, readonly Transform[]][]) {
    const belongs = transforms.includes(rule.transform);
    if (rule[option] !== undefined && !belongs) context.addIssue({ code: 'custom', path: [option], message: `${option} says nothing about ${rule.transform}; it belongs to ${transforms.join(' and ')}` });
    if (rule[option] === undefined && belongs && option !== 'last') context.addIssue({ code: 'custom', path: [option], message: `${rule.transform} needs ${option}` });
  }
});
export type MaskingRule = z.infer<typeof MaskingRule>;

/** What is looked for in texts that leave; `national-id` stands for all kinds from `us-ssn` on. docs/masking.md says what each is. */
export const ContentKind = z.enum([
  'card', 'email', 'national-id', 'secret', 'person', 'place', 'iban', 'phone', 'ip', 'mac', 'url', 'url-credentials', 'birth-date', 'bank-account', 'passport', 'driver-licence', 'crypto-address',
  'us-ssn', 'us-itin', 'ca-sin', 'mx-curp', 'br-cpf', 'br-cnpj', 'cl-rut', 'ar-cuit', 'uk-nino', 'uk-nhs', 'ie-pps', 'de-tax-id', 'at-svnr', 'ch-ahv', 'fr-nir', 'es-dni', 'es-nie', 'pt-nif',
  'it-codice-fiscale', 'nl-bsn', 'be-national-number', 'pl-pesel', 'cz-rodne-cislo', 'ro-cnp', 'bg-egn', 'hr-oib', 'gr-amka', 'tr-tckn', 'se-personnummer', 'no-fodselsnummer', 'dk-cpr', 'fi-hetu',
  'baltic-personal-code', 'in-aadhaar', 'in-pan', 'cn-resident-id', 'tw-national-id', 'kr-rrn', 'jp-my-number', 'sg-nric', 'th-national-id', 'my-nric', 'il-national-id', 'za-id', 'au-tfn', 'au-medicare',
]);
export type ContentKind = z.infer<typeof ContentKind>;

/** Something that this installation looks for in texts, beside the kinds that come with Interlock. docs/masking-secrets.md says how. */
export const ContentRecognizer = z.strictObject({
  id: Name,
  /** A regular expression, of those that need no backtracking; no match is longer than 256 bytes. */
  pattern: z.string().min(1).max(1_000),
  /** ASCII letters match in both cases. */
  ignoreCase: z.boolean().optional(),
  /** Words of which one must stand near, up to 64 bytes before or 24 after, or in the name of the column. */
  near: z.array(z.string().min(2).max(40).regex(/^[ -~]+$/, 'a word in ASCII')).min(1).max(100).optional(),
  /** What its digits, or its digits and letters, must pass. */
  validator: z.enum(['luhn', 'mod97']).optional(),
  /** Bits per character that it has at least. */
  entropy: z.number().min(0.5).max(8).optional(),
  score: z.number().min(0).max(1).default(0.8),
  /** `redact` leaves its id in square brackets, `partial` the last four characters. */
  transform: z.enum(['redact', 'partial']).default('redact'),
});
export type ContentRecognizer = z.infer<typeof ContentRecognizer>;

/** What is looked for: a kind that comes with Interlock, or a recognizer of the configuration. */
export type Content = ContentKind | ContentRecognizer;

export const ContentRule = z.strictObject({
  target: Name,
  kinds: z.array(ContentKind).default([]),
  /** Ids of recognizers. */
  recognizers: z.array(Name).max(1_000).optional(),
}).refine(({ kinds, recognizers = [] }) => kinds.length + recognizers.length > 0, { message: 'name what is looked for: kinds, recognizers or both', path: ['kinds'] });
export type ContentRule = z.infer<typeof ContentRule>;

/** Who may be told what a token of a kind stands for: people of these roles. Nobody, where no entry names the kind. */
export const DetokeniseRule = z.strictObject({ kind: TokenKind, roles: z.array(Name).min(1).max(1_000) });
export type DetokeniseRule = z.infer<typeof DetokeniseRule>;

/** What of targets' data is hidden from whom. */
export const Masking = z.strictObject({
  columns: z.array(MaskingRule).default([]),
  content: z.array(ContentRule).default([]),
  recognizers: z.array(ContentRecognizer).max(1_000).optional(),
  tags: z.array(ColumnTag).max(20_000).optional(),
  classifications: z.array(Classification).max(1_000).optional(),
  purposes: z.array(Purpose).max(1_000).optional(),
  detokenise: z.array(DetokeniseRule).max(1_000).optional(),
});
export type Masking = z.infer<typeof Masking>;

/** A role as such: who has it beside those whose own entry names it. Where roles are declared, there are no others. */
export const RoleEntry = z.strictObject({
  name: Name,
  /** Names of principals. */
  members: z.array(Name).default([]),
  /** What the role is for, for its readers. */
  purpose: z.string().min(1).optional(),
  /** How often its people are asked to agree to something, by everybody together: who is asked too often stops reading. */
  asked: z.strictObject({ most: z.number().int().min(1).max(1_000), minutes: z.number().int().min(1).max(7 * 24 * 60) }).optional(),
  /** Who else may have it for a time, when people agree. Nobody, where that is not said. */
  onRequest: z.strictObject({
    /** Names of principals. */
    for: z.array(Name).min(1).max(1_000),
    /** Who decides: roles, each with how many of their members. */
    approvers: z.array(z.strictObject({ role: Name, count: z.number().int().min(1).max(10) })).min(1).max(8),
    hoursMax: z.number().int().min(1).max(31 * 24),
  }).optional(),
});
export type RoleEntry = z.infer<typeof RoleEntry>;

/** One step of a task that must not lie in one hand: doing something somewhere, having a role, or a task in Interlock itself. */
export const TaskStep = z.strictObject({
  duty: Duty.optional(),
  verb: z.enum(Object.keys(VERBS) as [Verb, ...Verb[]]).optional(),
  /** Where, as rules write it: `Table::"shop/public/orders"`, or what holds it, `Schema::"shop/public"`, `Target::"shop"`. */
  resource: Resource.optional(),
  role: Name.optional(),
  administration: z.enum(['changes', 'secrets', 'audit', 'locks']).optional(),
});
export type TaskStep = z.infer<typeof TaskStep>;

/** One of two acts that exclude each other: a duty or a verb, there or anywhere, or whatever a rule permits to this role. */
export const SeparatedAct = z.strictObject({
  duty: Duty.optional(),
  verb: z.enum(Object.keys(VERBS) as [Verb, ...Verb[]]).optional(),
  /** Where, as rules write it, or what holds it; anywhere when absent. */
  resource: Resource.optional(),
  role: Name.optional(),
});
export type SeparatedAct = z.infer<typeof SeparatedAct>;

/** Two acts that one party may not both exercise, in one session or within one window. */
export const DynamicSeparation = z.strictObject({
  name: Name,
  /** Over which stretch they are kept apart: in one session, or for `windowSeconds` after either, in all sessions of everyone behind whom one of the same humans stands. */
  kind: z.enum(['session', 'window']),
  /** Of kind `window` alone. */
  windowSeconds: z.number().int().min(60).max(31 * 86_400).optional(),
  between: z.array(SeparatedAct).length(2, 'two acts'),
  reason: z.string().min(1).max(500).optional(),
});
export type DynamicSeparation = z.infer<typeof DynamicSeparation>;

/** What the rules, roles and owners of a configuration must keep apart. A bundle in which they do not does not load. */
export const Separation = z.strictObject({
  /** Sets of roles of which nobody may stand behind two. */
  exclusiveRoles: z.array(z.strictObject({ name: Name, roles: z.array(Name).min(2) })).default([]),
  /** Tasks that fewer than `parties` independent parties may not complete. */
  tasks: z.array(z.strictObject({ name: Name, parties: z.number().int().min(2).max(5).default(2), steps: z.array(TaskStep).min(1).max(16) })).default([]),
  /**
   * `by-role`: whoever stands behind a requester may not even have a role that approves what it can ask for. `at-decision`: they may,
   * approve for others, and are refused for their own.
   */
  approvers: z.enum(['at-decision', 'by-role']).default('by-role'),
  /** What is kept apart as it is done. Names are those of no rule. */
  dynamic: z.array(DynamicSeparation).max(50).optional(),
});
export type Separation = z.infer<typeof Separation>;

/** One `policies/*.cedar` file. */
export const PolicyFile = z.strictObject({ file: z.string(), text: z.string() });
export type PolicyFile = z.infer<typeof PolicyFile>;

/** What `interlock.yaml` holds: everything that is not a secret and not a rule in Cedar. */
export const Configuration = z.strictObject({
  version: z.literal(1),
  issuers: z.array(Issuer).min(1),
  principals: z.array(PrincipalEntry),
  roles: z.array(RoleEntry).optional(),
  /** Without it nobody acts for anybody. */
  delegation: Delegation.optional(),
  separation: Separation.optional(),
  /** What a command counts as risk, and from which score on people are asked or it is denied. Only tightens what rules say. */
  risk: RiskModel.optional(),
  targets: z.array(Target),
  /** How much may be done in a window of time. */
  budgets: z.array(Budget).max(1_000).optional(),
  /** Where people are told of requests for approval beside Interlock itself. */
  chat: Chat.optional(),
  masking: Masking.default({ columns: [], content: [] }),
  /** Roles whose members may do what in Interlock itself. */
  administration: z.strictObject({
    /** May propose and approve changes of this configuration. */
    changes: z.array(Name).min(1),
    /** May set secrets of targets. */
    secrets: z.array(Name).min(1),
    /** May read views, replay sessions and verify. */
    audit: z.array(Name).min(1),
    /** May lock. */
    locks: z.array(Name).min(1),
  }),
});
export type Configuration = z.infer<typeof Configuration>;

/**
 * Signed and versioned: what connectors and services decide by, as one document, so that rules, targets and masking
 * always change together. Subject `control.bundle` of stream CONTROL holds it.
 */
export const Bundle = z.object({
  version: z.number().int().positive(),
  configuration: Configuration,
  policies: z.array(PolicyFile),
  /** Change this bundle came from. */
  change: z.string(),
  author: z.string(),
  approvedBy: z.array(z.string()),
  createdAt: z.string(),
});
export type Bundle = z.infer<typeof Bundle>;

export const SignedBundle = z.object({
  /** The bundle's JSON exactly as signed. */
  bundle: z.string(),
  /** Ed25519 of the policy service over `interlock-bundle/v1\n` + bundle, base64. */
  signature: z.string(),
});
export type SignedBundle = z.infer<typeof SignedBundle>;
