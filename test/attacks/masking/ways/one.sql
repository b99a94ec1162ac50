INSERT INTO crew VALUES
 (1, 'Ann Reed', 'bow', '917-74-2086', 'ann.reed@harbour.test', '4716438221099057', 184733, 'KX-40917', 'b-11', '{"ssn":"917-74-2086","port":"Genoa"}', '{vip,917-74-2086}', '\x9177420869aa', '1979-03-14'),
 (2, 'Bo Marsh', 'aft', '958-71-3344', 'bo.marsh@harbour.test', '5391743300182463', 91827, 'LM-22310', 'b-12', '{"ssn":"958-71-3344","port":"Turin"}', '{old,958-71-3344}', '\x9587133440bb', '1990-06-01'),
 (3, 'Cy Stern', 'bow', '933-82-1190', 'cy@harbour.test', '4539128600473310', 120450, 'BR-88041', 'b-13', '{"ssn":"933-82-1190","port":"Malta"}', '{933-82-1190}', '\x93382119033c', '1985-12-30');
INSERT INTO officers VALUES (4, 'Di Vane', 'aft', '971-75-6612', 'di.vane@harbour.test', '4929358317726405', 140118, 'OF-10443', 'b-14', '{"ssn":"971-75-6612","port":"Gent"}', '{971-75-6612}', '\x9717566120dd', '1968-01-09', NULL, 'first');
INSERT INTO payouts VALUES (1, 'north', 'GB29NWBK60161331926819'), (2, 'south', 'DE89370400440532013000');
