import { CHANNEL_READERS } from './channels.js';
import { COPY_READERS } from './copy.js';
import { CURSOR_READERS } from './cursors.js';
import type { Readers } from './meaning.js';
import { OBJECT_READERS } from './objects.js';
import { PREPARED_READERS } from './prepared.js';
import { PROCEDURE_READERS } from './procedures.js';
import { QUERY_READERS } from './queries.js';
import { RIGHTS_READERS } from './rights.js';
import { SETTING_READERS } from './settings.js';
import { TABLE_READERS } from './tables.js';
import { TRANSACTION_READERS } from './transactions.js';

/** Every statement that is understood, by the parser's node type. What is not here is refused. */
export const READERS: Readers = {
  ...QUERY_READERS, ...COPY_READERS, ...SETTING_READERS, ...TRANSACTION_READERS, ...PREPARED_READERS, ...CURSOR_READERS,
  ...CHANNEL_READERS, ...TABLE_READERS, ...OBJECT_READERS, ...PROCEDURE_READERS, ...RIGHTS_READERS,
};
