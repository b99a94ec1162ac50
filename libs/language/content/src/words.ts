/** Words that support several kinds: in lower case, as they stand in texts and names of columns. */
export const ANY_IDENTITY: readonly string[] = ['identity', 'identification', 'national', 'citizen', 'nationalid', 'identitycard'];
export const TAX: readonly string[] = ['tax', 'taxpayer', 'taxid'];
