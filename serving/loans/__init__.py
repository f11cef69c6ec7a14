"""Loans: the connection of a lone client, lent to a worker that answers it without the front.

`lender` runs in the front, `borrower` in the worker process, `loan_memory` in both.
"""
