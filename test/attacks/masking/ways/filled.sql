-- After one.sql or two.sql: what is made of the sensitive values beside their columns.
INSERT INTO trips VALUES (10, 1, 'Genoa', 12.5), (11, 2, 'Oslo', 3), (12, 3, 'Bari', 40), (13, 1, 'Kiel', 7);
REFRESH MATERIALIZED VIEW m_crew;
SELECT lo_from_bytea(7001, ssn::bytea) FROM crew WHERE id = 1;
ANALYZE crew, payouts, trips;
