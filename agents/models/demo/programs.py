"""Small programs the demo model can write, as templates."""

HELLO = """print($text)
"""

FIBONACCI = """count = $count
numbers = [0, 1]
while len(numbers) < count:
    numbers.append(numbers[-1] + numbers[-2])
print(*numbers[:count], sep=", ")
"""

PRIMES = """wanted, limit = $wanted, $limit
primes = []
candidate = 2
while len(primes) < wanted and candidate <= limit:
    if all(candidate % prime for prime in primes if prime * prime <= candidate):
        primes.append(candidate)
    candidate += 1
print(len(primes), "primes:")
print(*primes, sep=", ")
"""

FACTORIAL = """import math

number = $count
print(f"{number}! = {math.factorial(number)}")
"""

FIZZBUZZ = """for number in range(1, $count + 1):
    print("Fizz" * (number % 3 == 0) + "Buzz" * (number % 5 == 0) or number)
"""

NUMBERS = """import statistics

numbers = $numbers
print("numbers:", numbers)
print("sum:", sum(numbers))
print("mean:", round(statistics.mean(numbers), 4))
print("median:", statistics.median(numbers))
print("smallest:", min(numbers), "largest:", max(numbers))
print("sorted:", sorted(numbers))
"""

WORDS = """import re
from collections import Counter

text = $text
words = re.findall(r"\\w+", text.lower())
print("words:", len(words))
print("different words:", len(set(words)))
for word, count in Counter(words).most_common(5):
    print(ascii(word), count)
"""

DATE = """from datetime import datetime

now = datetime.now().astimezone()
print(now.strftime("%A, %d %B %Y, %H:%M:%S %z"))
print("day", now.timetuple().tm_yday, "of the year")
"""

CSV = """import csv
import statistics
from collections import Counter
from pathlib import Path

name = $file
files = sorted(Path(".").glob("*.csv"))
path = next((file for file in [Path(name), *files] if file.is_file()), None)


def number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def summarise(column, values):
    numbers = [value for value in map(number, values) if value is not None]
    if numbers and len(numbers) == len(values):
        mean = statistics.mean(numbers)
        return f"{column}: {min(numbers):g} to {max(numbers):g}, mean {mean:.4g}, sum {sum(numbers):g}"
    (common, count), *_ = Counter(values).most_common(1) or [("", 0)]
    return f"{column}: {len(set(values))} different, most often {common!r} ({count} times)"


if path is None:
    print(f"There is no CSV file here. Upload {name} and ask again.")
else:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        sample = file.read(4096)
        file.seek(0)
        separator = max(",;\\t|", key=sample.partition("\\n")[0].count)
        header, *rows = list(csv.reader(file, delimiter=separator)) or [[]]
    print(f"{path}: {len(rows)} rows, {len(header)} columns")
    for place, column in enumerate(header):
        values = [row[place] for row in rows if place < len(row) and row[place].strip()]
        print(ascii(summarise(column, values))[1:-1])
"""

SAMPLE_CSV = """import csv
import io
import statistics

data = "name,value\\nfirst,3\\nsecond,5\\nthird,10\\n"
rows = list(csv.DictReader(io.StringIO(data)))
print("sample data, as the file could not be read:", len(rows), "rows")
print("mean of value:", statistics.mean(float(row["value"]) for row in rows))
"""

PLOT = """import csv
import math
from pathlib import Path

values = $numbers
name = $file
label = $text
path = next((file for file in [Path(name), *sorted(Path(".").glob("*.csv"))] if name and file.is_file()), None)
if path:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = list(csv.reader(file))
    columns = [[cell for cell in column] for column in zip(*rows[1:])]
    for column in columns:
        try:
            values = [float(cell) for cell in column]
            break
        except ValueError:
            continue
    label = path.name
if not values:
    values = [$function for x in (step / 10 for step in range(64))]


def draw_with_matplotlib():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.plot(values, marker="o" if len(values) < 40 else None)
    pyplot.title(label)
    pyplot.savefig("plot.png")


def draw_with_pillow():
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 400), "white")
    low, high = min(values), max(values)
    across = 600 / max(1, len(values) - 1)
    up = 360 / ((high - low) or 1)
    points = [(20 + place * across, 380 - (value - low) * up) for place, value in enumerate(values)]
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 620, 380), outline="grey")
    if len(points) > 1:
        pen.line(points, fill="blue", width=3)
    for x, y in points if len(points) < 40 else []:
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill="blue")
    image.save("plot.png")


def draw_as_text():
    low, high = min(values), max(values)
    for value in values[:40]:
        print(f"{value:10.3g} " + "#" * round(1 + 49 * (value - low) / ((high - low) or 1)))


for draw in (draw_with_matplotlib, draw_with_pillow):
    try:
        draw()
        print("wrote plot.png,", len(values), "values from", round(min(values), 4), "to", round(max(values), 4))
        break
    except ImportError:
        print(draw.__name__, "needs a package that is not installed here")
    except Exception as error:
        print(draw.__name__, "did not work:", type(error).__name__)
else:
    draw_as_text()
"""

BARS = """values = $numbers or [1, 4, 9, 16, 25]
most = max(abs(value) for value in values) or 1
for value in values:
    print(f"{value:10g} " + "#" * round(40 * abs(value) / most))
"""

TASK = """task = $text
words = task.split()
print("task:", ascii(task))
print("words:", len(words))
print("longest word:", ascii(max(words, key=len, default="")))
"""
