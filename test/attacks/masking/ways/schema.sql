-- What the ways of this folder are tried on. Sensitive: crew.ssn, mail, card, pay, badge, berth, file, tags, scan, born; payouts.iban.
-- Filled by one.sql or two.sql, which differ in sensitive values alone.

CREATE TABLE berths (code text PRIMARY KEY);
CREATE TABLE crew (
  id int PRIMARY KEY, name text NOT NULL, deck varchar(20) NOT NULL, ssn text, mail text, card text, pay int, badge text UNIQUE, berth text REFERENCES berths,
  file jsonb, tags text[], scan bytea, born date, grade text, CHECK (grade <> 'top' OR pay > 100000)
);
CREATE TABLE officers (rank text) INHERITS (crew);
CREATE TABLE payouts (id int, region text, iban text) PARTITION BY LIST (region);
CREATE TABLE payouts_north PARTITION OF payouts FOR VALUES IN ('north');
CREATE TABLE payouts_south PARTITION OF payouts FOR VALUES IN ('south');
CREATE TABLE trips (id int PRIMARY KEY, crew_id int REFERENCES crew, port text, days numeric);
CREATE TABLE notes (id int PRIMARY KEY, body text);
CREATE TABLE codes (id int, code text UNIQUE);
CREATE TABLE bound (badge text REFERENCES crew (badge));
CREATE TABLE watched (n int);
CREATE SEQUENCE tickets;
CREATE TYPE pair AS (mail text, tax text);
CREATE DOMAIN tiny AS int CHECK (VALUE < 10);

CREATE VIEW v_crew AS SELECT id AS uid, ssn AS ref, mail AS contact FROM crew;
CREATE VIEW v_deep AS SELECT uid, upper(contact) AS loud FROM v_crew;
CREATE VIEW v_deck AS SELECT id, deck FROM crew;
CREATE VIEW v_rich AS SELECT id AS uid FROM crew WHERE pay > 150000;
CREATE VIEW v_checked AS SELECT id, name, deck, ssn FROM crew WHERE deck = 'bow' WITH CHECK OPTION;
CREATE MATERIALIZED VIEW m_crew AS SELECT id, ssn AS ref FROM crew WITH NO DATA;
CREATE SCHEMA other;
CREATE VIEW other.trips AS SELECT id, ssn AS port FROM crew;

CREATE FUNCTION f_sql(int) RETURNS text LANGUAGE sql AS 'SELECT ssn FROM crew WHERE id = $1';
CREATE FUNCTION f_set() RETURNS SETOF crew LANGUAGE sql AS 'SELECT * FROM crew';
CREATE FUNCTION f_table() RETURNS TABLE (a int, b text) LANGUAGE sql AS 'SELECT id, card FROM crew';
CREATE FUNCTION f_guess(text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT 1 FROM crew WHERE id = 1 AND ssn LIKE $1 || ''%'')';
-- Labelled wrongly, so that the planner puts its result into plans.
CREATE FUNCTION f_const() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ssn FROM crew WHERE id = 1';
CREATE FUNCTION f_dyn(q text) RETURNS text LANGUAGE plpgsql AS 'DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END';
CREATE FUNCTION f_tell(int) RETURNS void LANGUAGE plpgsql AS 'DECLARE r text; BEGIN SELECT ssn INTO r FROM crew WHERE id = $1; RAISE NOTICE ''it is %'', r; END';
CREATE FUNCTION f_fail(int) RETURNS int LANGUAGE plpgsql AS 'DECLARE r text; BEGIN SELECT ssn INTO r FROM crew WHERE id = $1; RAISE EXCEPTION ''it is %'', r; END';
CREATE FUNCTION f_cast(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT ssn::int FROM crew WHERE id = $1); END';
-- Triggers that were there before anyone came.
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  SELECT ssn INTO r FROM crew WHERE id = 1;
  IF TG_OP = 'DELETE' THEN PERFORM pg_notify('watched', r); RETURN old; END IF;
  IF new.n = 2 THEN RAISE EXCEPTION 'found %', r USING ERRCODE = '42P01', HINT = r; END IF;
  RAISE NOTICE 'saw %', r;
  RETURN new;
END $$;
CREATE TRIGGER watches BEFORE INSERT OR DELETE ON watched FOR EACH ROW EXECUTE FUNCTION watch();
CREATE STATISTICS crew_stats (mcv) ON ssn, deck FROM crew;

INSERT INTO berths SELECT 'b-' || n FROM generate_series(10, 40) n;
INSERT INTO notes VALUES (1, 'first note'), (2, 'second note');
INSERT INTO codes VALUES (1, 'alpha'), (2, 'beta');
INSERT INTO watched VALUES (5);
