-- What of the project can't be used, until its files are mended.
CREATE VIEW barometre.problems AS
SELECT barometre_internal.fold(p.file, 20) AS file, p.line, barometre_internal.fold(p.name, 14) AS name,
       barometre_internal.fold(p.message || coalesce(E'\n' || p.detail, ''), 32) AS message, barometre_internal.fold(p.hint, 18) AS hint
FROM barometre_internal.problem p
ORDER BY p.file, p.line, p.name;
COMMENT ON VIEW barometre.problems IS 'What could not be read of the project when it was read last';
COMMENT ON COLUMN barometre.problems.file IS 'Where it is wrong, below the project''s folder';
COMMENT ON COLUMN barometre.problems.line IS 'The line; NULL: it is of the whole file';
COMMENT ON COLUMN barometre.problems.name IS 'What can''t be used because of it';
COMMENT ON COLUMN barometre.problems.message IS 'What is wrong';
COMMENT ON COLUMN barometre.problems.hint IS 'The next move';
