"""The live page: the whole customer base as one matrix, who moved and why, what to do and whether the data is fresh.

It must not decide anything about a customer: it reads what is in Redis and writes nothing but outcomes.
"""
