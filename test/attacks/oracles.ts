/** One question to a database. */
export type Ask = (text: string, values?: unknown[]) => Promise<{ readonly rows: readonly Record<string, unknown>[] }>;

/** Guesses a masked value character by character through questions with a yes or no; what is refused says nothing. */
export async function reconstruct(ask: Ask, question: (guess: string) => string): Promise<string> {
  let known = '';
  for (let queries = 0; known.length < 11;) {
    const next = [...'-0123456789'];
    let found: string | undefined;
    for (const character of next) {
      queries += 1;
      if (queries > 500) return known;
      const answer = await ask(question(known + character)).catch(() => undefined);
      if (answer !== undefined && answer.rows.length > 0 && Object.values(answer.rows[0]!)[0] !== false && Object.values(answer.rows[0]!)[0] !== 0) {
        found = character;
        break;
      }
    }
    if (found === undefined) return known;
    known += found;
  }
  return known;
}

/** Questions that answer yes only where the guess is how the value of customer 1 begins. */
export const ORACLES: readonly [string, (guess: string) => string][] = [
  ['LIKE', (guess) => `select 1 from customers where id = 1 and ssn like '${guess}%'`],
  ['a comparison', (guess) => `select 1 from customers where id = 1 and left(ssn, ${guess.length}) = '${guess}'`],
  ['FILTER', (guess) => `select count(*) filter (where ssn like '${guess}%')::int as n from customers where id = 1`],
  ['CASE', (guess) => `select case when starts_with(ssn, '${guess}') then 1 else 0 end from customers where id = 1`],
  ['a join', (guess) => `select 1 from customers c join (values ('${guess}')) v(x) on left(c.ssn, length(v.x)) = v.x where c.id = 1`],
  ['EXISTS', (guess) => `select 1 where exists (select from customers where id = 1 and ssn ~ '^${guess}')`],
  ['a boolean', (guess) => `select ssn ^@ '${guess}' from customers where id = 1`],
  ['HAVING', (guess) => `select 1 from customers where id = 1 group by id having min(ssn) like '${guess}%'`],
  ['a window', (guess) => `select n from (select rank() over (order by x) as n, x from (select ssn as x from customers where id = 1 union all select '${guess}z') q) w where x like '${guess}z' and n = 2`],
  ['an update', (guess) => `update slips set note = note from customers c where slips.id = 1 and c.id = 1 and c.ssn like '${guess}%' returning 1`],
];

/** Queries whose very order or number of rows tells of the masked column. */
export const SHAPING: readonly string[] = [
    'select id from customers order by ssn limit 1', 'select count(*) from customers group by substr(ssn, 1, 1)', 'select distinct on (ssn) id from customers', "select id from customers where ssn between '9' and '92'",
    'select id from customers where (ssn, id) > (\'9\', 0)', 'select a.id from customers a join customers b using (ssn) where a.id < b.id', 'select corr(id, length(ssn)) from customers', 'select id, count(*) over (partition by ssn) from customers',
];
