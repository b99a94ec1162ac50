INSERT INTO crew VALUES
 (1, 'Ann Reed', 'bow', '942-81-5739', 'zed.reed.private@pelagic.test', '5286914470312268', 97411, 'QB-73355', 'b-21', '{"ssn":"942-81-5739","port":"Oslo","kin":"Ea"}', '{new,old,942-81-5739}', '\x00', '1991-11-02'),
 (2, 'Bo Marsh', 'aft', '921-76-4408', 'bm@pelagic.test', '4111111111111111', 203118, 'AF-10922', 'b-22', '{"ssn":"921-76-4408","port":"Lund","kin":"Ole"}', '{921-76-4408}', '\x9217644080ff', '1982-04-09'),
 (3, 'Cy Stern', 'bow', '964-73-2201', 'cy.stern@pelagic.test', '5555555555554444', 131002, 'WD-55018', 'b-23', '{"ssn":"964-73-2201","port":"Bari"}', '{x,964-73-2201}', '\x96473220100e', '1988-08-08');
INSERT INTO officers VALUES (4, 'Di Vane', 'aft', '913-80-7745', 'di@pelagic.test', '4012888888881881', 175060, 'OF-99871', 'b-24', '{"ssn":"913-80-7745","port":"Kiel","kin":"Bo"}', '{a,913-80-7745}', '\x91380774501f', '1975-05-25', NULL, 'first');
INSERT INTO payouts VALUES (1, 'north', 'FR1420041010050500013M02606'), (2, 'south', 'NL91ABNA0417164300');
