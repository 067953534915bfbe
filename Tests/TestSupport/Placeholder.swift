// Filled by the first issue.
