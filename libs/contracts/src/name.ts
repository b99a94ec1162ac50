import { z } from 'zod';

/** How everything that a configuration names is called. */
export const Name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name of lower-case letters, digits, dot, dash, underscore');
