-- Which question an answer is to, by its place in what the province wrote for the branch.  NULL: not said, in a row that a
-- program of before wrote, and of a withdrawal; such answers go to the questions that nobody names, in order.
ALTER TABLE proposal_answer ADD COLUMN question INTEGER CHECK(question BETWEEN 1 AND 268435455);
INSERT INTO column_rule(table_name, column_name, kind, low, high, refers, since) VALUES
  ('proposal_answer', 'question', 'number', 1, 268435455, '', 7);
