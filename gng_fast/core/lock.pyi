from typing_extensions import disjoint_base

@disjoint_base
class Lock:
    def __new__(cls, subject: str) -> Lock: ...

@disjoint_base
class Share: ...
