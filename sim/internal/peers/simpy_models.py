"""The models of peers in SimPy: MODEL N PENDING, delays in files of the current directory."""

import array
import json
import os
import sys
import time

import simpy


def delays(name):
    a = array.array("q")
    with open(name, "rb") as f:
        a.fromfile(f, os.path.getsize(name) // a.itemsize)
    return a.tolist()


def hold(n, pending):
    env = simpy.Environment()
    given = delays("hold")
    done = env.event()
    result = {}

    def feed():
        yield from given[: 2 * pending]
        start = time.process_time()
        yield from given[2 * pending : 2 * pending + n]
        result["seconds"] = time.process_time() - start
        result["clock"] = env.now
        done.succeed()

    def entity(shared):
        for d in shared:
            yield env.timeout(d)

    shared = feed()
    for _ in range(pending):
        env.process(entity(shared))
    env.run(until=done)
    return result


class TimeWeighted:
    def __init__(self):
        self.value = 0
        self.since = 0
        self.area = 0

    def set(self, now, value):
        self.area += self.value * (now - self.since)
        self.value = value
        self.since = now


def report(env, start, waits, queue, busy):
    seconds = time.process_time() - start
    return {
        "seconds": seconds,
        "clock": env.now,
        "wait": sum(waits) / len(waits) / 1e6,
        "queue": queue.area / env.now,
        "busy": busy.area / env.now,
    }


def mm1_store(n, _):
    """Two processes and a store between them: the fastest form."""
    gap, work = delays("gap"), delays("work")
    start = time.process_time()
    env = simpy.Environment()
    store = simpy.Store(env)
    waits, queue, busy = [], TimeWeighted(), TimeWeighted()

    def arrivals():
        for d in gap[:n]:
            yield env.timeout(d)
            queue.set(env.now, queue.value + 1)
            store.put(env.now)

    def server():
        for d in work[:n]:
            arrived = yield store.get()
            now = env.now
            waits.append(now - arrived)
            queue.set(now, queue.value - 1)
            busy.set(now, 1)
            yield env.timeout(d)
            busy.set(env.now, 0)

    env.process(arrivals())
    env.process(server())
    env.run()
    return report(env, start, waits, queue, busy)


def mm1_resource(n, _):
    """A process for each customer and a resource: the usual form."""
    gap, work = delays("gap"), delays("work")
    start = time.process_time()
    env = simpy.Environment()
    server = simpy.Resource(env)
    waits, queue, busy = [], TimeWeighted(), TimeWeighted()

    def customer(d):
        arrived = env.now
        queue.set(arrived, queue.value + 1)
        with server.request() as request:
            yield request
            now = env.now
            waits.append(now - arrived)
            queue.set(now, queue.value - 1)
            busy.set(now, 1)
            yield env.timeout(d)
            busy.set(env.now, 0)

    def arrivals():
        for i in range(n):
            yield env.timeout(gap[i])
            env.process(customer(work[i]))

    env.process(arrivals())
    env.run()
    return report(env, start, waits, queue, busy)


model, n, pending = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print(json.dumps({"hold": hold, "mm1-store": mm1_store, "mm1-resource": mm1_resource}[model](n, pending)))
