"""Reading: LaTeX text to the written expression, problem files to problems; or a refusal that says where."""
