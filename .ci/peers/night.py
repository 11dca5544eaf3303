"""The night as the script that a user would write: night.py IDS.csv URL DATABASE OUT.xlsx

It asks for every ID with 64 workers, stores the answers in SQLite a thousand at a time, and writes a workbook with sums,
two charts and the list. It keeps no journal, no limits and no statistics.
"""
import asyncio
import csv
import datetime
import hashlib
import os
import sqlite3
import sys
import time

import aiohttp
import pandas
import xlsxwriter

WORKERS, BATCH = 64, 1000
COLUMNS = ["id", "region", "answered_at", "code", "pricing", "transaction_id", "score", "attack_type"]


async def token(session, url):
    access, secret = os.environ["LIVERECON_ACCESS_KEY"], os.environ["LIVERECON_SECRET_KEY"]
    now = str(int(time.time() * 1000))
    body = {"accessKey": access, "timestamp": now, "periodSecond": 3600,
            "signature": hashlib.sha256((access + secret + now).encode()).hexdigest()}
    async with session.post(url + "/ph/openapi/auth/ticket/v1/generate-token", json=body) as answer:
        return (await answer.json())["data"]["token"]


async def fetch(ids, url, database):
    results = []

    def keep(least):
        if len(results) >= least:
            database.executemany("INSERT INTO results VALUES (?,?,?,?,?,?,?,?)", results)
            database.commit()
            results.clear()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=WORKERS)) as session:
        headers = {"X-ACCESS-TOKEN": await token(session, url)}
        address, rest = url + "/ph/ph/openapi/face-identity/v1/liveness-detection", iter(ids)

        async def worker():
            for one in rest:
                async with session.post(address, headers=headers, json={"signatureId": one, "resultType": "IMAGE_URL", "region": "PH"}) as answer:
                    got = await answer.json()
                data = got["data"] or {}
                at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
                results.append((one, "PH", at, got["code"], got["pricingStrategy"], got["transactionId"], data.get("livenessScore"), data.get("attackType")))
                keep(BATCH)

        await asyncio.gather(*(worker() for _ in range(WORKERS)))
    keep(1)


def report(database, path):
    frame = pandas.read_sql("SELECT * FROM results", database)
    bins = pandas.cut(frame.score, range(0, 101, 5), right=False, include_lowest=True).value_counts(sort=False)
    types = frame.groupby(["region", frame.attack_type.fillna("none")]).size()
    money = frame.groupby(["code", "pricing"]).size()
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        summary, detail = book.add_worksheet("Summary"), book.add_worksheet("Detail")
        for row, (interval, count) in enumerate(bins.items()):
            summary.write_row(row, 0, [str(interval), count])
        for row, (key, count) in enumerate(list(types.items()) + list(money.items()), len(bins) + 1):
            summary.write_row(row, 0, [" / ".join(map(str, key)), count])
        for anchor, first, last in (("E2", 0, len(bins) - 1), ("E20", len(bins) + 1, len(bins) + len(types))):
            chart = book.add_chart({"type": "column"})
            chart.add_series({"categories": ["Summary", first, 0, last, 0], "values": ["Summary", first, 1, last, 1]})
            summary.insert_chart(anchor, chart)
        detail.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        frame = frame.astype(object).where(frame.notna(), None)
        for row, values in enumerate(frame.itertuples(index=False), 1):
            detail.write_row(row, 0, values)
        detail.autofilter(0, 0, len(frame), len(COLUMNS) - 1)


with open(sys.argv[1], newline="") as source:
    listed = [row["signatureId"] for row in csv.DictReader(source)]
db = sqlite3.connect(sys.argv[3])
db.execute("CREATE TABLE results (id TEXT PRIMARY KEY, region TEXT, answered_at TEXT, code TEXT, pricing TEXT, transaction_id TEXT, score REAL, attack_type TEXT)")
asyncio.run(fetch(listed, sys.argv[2], db))
report(db, sys.argv[4])
