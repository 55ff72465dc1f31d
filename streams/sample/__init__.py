"""Sample data of companies and members that do not exist, made from a seed.

It must not know the policy, the fold or Kafka: it only knows what a business and its customers do. Every name is
made up, every domain ends in `.example`, and corporate numbers have valid check digits but lie in a block chosen to
look unreal (9999 99… after the check digit).
"""
