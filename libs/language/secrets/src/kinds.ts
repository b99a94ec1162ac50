import type { SecretKind } from './kind.js';
import { BUSINESS } from './kinds/business.js';
import { CLOUD } from './kinds/cloud.js';
import { CODE } from './kinds/code.js';
import { CONNECTIONS } from './kinds/connections.js';
import { GENERIC } from './kinds/generic.js';
import { HOSTING } from './kinds/hosting.js';
import { KEYS } from './kinds/keys.js';
import { MODELS } from './kinds/models.js';
import { MONEY } from './kinds/money.js';
import { TALK } from './kinds/talk.js';
import { WATCHING } from './kinds/watching.js';

/** Every kind of secret that is looked for. */
export const SECRET_KINDS: readonly SecretKind[] = [...KEYS, ...CONNECTIONS, ...CLOUD, ...HOSTING, ...CODE, ...TALK, ...MONEY, ...MODELS, ...WATCHING, ...BUSINESS, ...GENERIC];
