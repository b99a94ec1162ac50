-- schema for clinic.jsonl; sensitive columns: patients.mail, tax_no, card, wage, record, marks; patients.remarks is free text

CREATE TABLE patients(id int PRIMARY KEY, full_name text, mail text, tax_no text, card text, wage int, ward text, remarks text, record jsonb, marks text[], born date DEFAULT '1990-01-01');
CREATE TABLE visits(id int PRIMARY KEY, patient_id int REFERENCES patients, fee numeric, ward text);
CREATE TABLE drawer(id int, content text);
CREATE TYPE reachable AS (mail text, tax text);
INSERT INTO patients(id,full_name,mail,tax_no,card,wage,ward,remarks,record,marks) VALUES
 (1,'Ines Vale','ines.vale@northfield.test','958-74-3316','4716438221099057',238417,'east','tax number 958-74-3316 was read out','{"tax":"958-74-3316","town":"Bari"}',ARRAY['urgent','958-74-3316']),
 (2,'Pau Ridge','pau.ridge@northfield.test','941-82-7705','5391743300182463',91827,'west','write to ines.vale@northfield.test','{"tax":"941-82-7705","town":"Lund"}',ARRAY['calm','941-82-7705']),
 (3,'Mio Stern','mio.stern@northfield.test','977-71-6420','4539128600473310',73911,'east',NULL,'{"tax":"977-71-6420","town":"Gent"}',ARRAY['calm']);
INSERT INTO visits VALUES (10,1,20.5,'east'),(11,2,99,'west'),(12,3,1,'east');
CREATE VIEW v_reach AS SELECT id AS pid, tax_no AS reference, mail AS contact FROM patients;
CREATE VIEW v_deeper AS SELECT pid, lower(reference) AS r FROM v_reach;
CREATE MATERIALIZED VIEW m_refs AS SELECT id, tax_no AS ref FROM patients;
CREATE FUNCTION g_sql(int) RETURNS text LANGUAGE sql AS 'SELECT tax_no FROM patients WHERE id=$1';
CREATE FUNCTION g_set() RETURNS SETOF patients LANGUAGE sql AS 'SELECT * FROM patients';
CREATE FUNCTION g_dyn(q text) RETURNS text LANGUAGE plpgsql AS 'DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END';
CREATE FUNCTION g_tell(int) RETURNS void LANGUAGE plpgsql AS 'DECLARE r text; BEGIN SELECT tax_no INTO r FROM patients WHERE id=$1; RAISE NOTICE ''it is %'', r; END';
CREATE FUNCTION g_fail(int) RETURNS void LANGUAGE plpgsql AS 'DECLARE r text; BEGIN SELECT tax_no INTO r FROM patients WHERE id=$1; RAISE EXCEPTION ''it is %'', r; END';
CREATE DOMAIN tiny AS int CHECK (VALUE < 10);
