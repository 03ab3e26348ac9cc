"""Who is paged next, and when: policies, targets, and the pure decision."""
