// Compute a published draw again in the reader's browser: the same steps as verify_draw.py, no library.
(() => {
  "use strict";
  const FORMAT = "creditmesh-draw-file/1", ALGORITHM = "creditmesh-draw/1", WHOLE = 10000n;
  const encoder = new TextEncoder();

  // The one form of a value that is hashed: keys in order, no blanks.
  function written(value) {
    if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
    if (value !== null && typeof value === "object") {
      const names = Object.keys(value).sort(byPoint);
      return `{${names.map((name) => `${JSON.stringify(name)}:${written(value[name])}`).join(",")}}`;
    }
    return JSON.stringify(value);
  }
  const same = (one, other) => written(one) === written(other);
  // JavaScript orders text by halves of characters, Python by whole ones.
  function byPoint(one, other) {
    const a = Array.from(one), b = Array.from(other);
    for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
      if (a[i] !== b[i]) return a[i].codePointAt(0) - b[i].codePointAt(0);
    }
    return a.length - b.length;
  }
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const digestBytes = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));
  const digest = (text) => digestBytes(encoder.encode(text));
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  async function digests(texts) {
    const found = [];
    for (let start = 0; start < texts.length; start += 4096) {
      found.push(...await Promise.all(texts.slice(start, start + 4096).map(digest)));
    }
    return found;
  }
  const up = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

  // Strata are named "grade|1" for key units, "grade|0" for others.
  const named = (grade, key) => `${grade}|${key ? 1 : 0}`;
  const gradeOf = (stratum) => stratum.slice(0, -2);

  // Shares of a total by largest remainders, worst grade first, nobody left out. BigInt: products pass 2^53.
  function sizesByBudget(order, population, ratio, budget) {
    const shares = new Map(order.map((one) => [one, 0]));
    let total = Math.min(budget, sum([...population.values()]));
    let free = order.filter((one) => population.get(one));
    while (total) {
      const weight = new Map(free.map((one) => [one, BigInt(population.get(one)) * BigInt(ratio.get(one))]));
      const whole = [...weight.values()].reduce((all, one) => all + one, 0n);
      const part = new Map(free.map((one) => [one, Number(BigInt(total) * weight.get(one) / whole)]));
      const rest = total - sum([...part.values()]);
      const left = new Map(free.map((one) => [one, BigInt(total) * weight.get(one) % whole]));
      [...free].sort((a, b) => up(left.get(b), left.get(a))).slice(0, rest).forEach((one) => part.set(one, part.get(one) + 1));
      const full = free.filter((one) => part.get(one) >= population.get(one));
      if (!full.length) { part.forEach((size, one) => shares.set(one, size)); break; }
      for (const one of full) { shares.set(one, population.get(one)); total -= population.get(one); }
      free = free.filter((one) => !full.includes(one));
    }
    const gradeSum = (grade) => sum(order.filter((one) => gradeOf(one) === grade).map((one) => shares.get(one)));
    const present = [...new Set(order.filter((one) => population.get(one)).map(gradeOf))];
    if (sum([...shares.values()]) >= present.length) {
      for (const grade of present) {
        if (gradeSum(grade)) continue;
        const rank = (one) => [gradeSum(gradeOf(one)) > 1 ? 1 : 0, shares.get(one)];
        const richest = order.reduce((best, one) => {
          const [a, b] = [rank(one), rank(best)];
          return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? one : best;
        });
        shares.set(richest, shares.get(richest) - 1);
        const poor = order.find((one) => gradeOf(one) === grade && population.get(one));
        shares.set(poor, shares.get(poor) + 1);
      }
    }
    return shares;
  }

  async function strata(objects, told, seed) {
    const grades = told.grades.map((one) => one[0]), byGrade = new Map(told.grades);
    const order = [...grades].reverse().flatMap((grade) => [named(grade, true), named(grade, false)]);
    const ratio = new Map(order.map((one) => [one, Math.max(byGrade.get(gradeOf(one)), one.endsWith("|1") ? told.key_ratio : 0)]));
    const members = new Map(order.map((one) => [one, []]));
    const inside = objects.filter((row) => !row[4]);
    const ranks = await digests(inside.map((row) => `${seed}|${told.task}|${row[0]}`));
    inside.forEach((row, i) => members.get(named(row[1], row[2])).push([ranks[i], row[0]]));
    const population = new Map(order.map((one) => [one, members.get(one).length]));
    const byRatio = (one) => Math.min(population.get(one), Number((BigInt(population.get(one)) * BigInt(ratio.get(one)) + WHOLE - 1n) / WHOLE));
    const sizes = told.budget ? sizesByBudget(order, population, ratio, told.budget) : new Map(order.map((one) => [one, byRatio(one)]));
    return [members, sizes];
  }

  const byRank = (a, b) => up(a[0], b[0]) || byPoint(a[1], b[1]);
  async function selection(objects, told, seed) {
    const [members, sizes] = await strata(objects, told, seed);
    const chosen = [], reserves = [], counts = [];
    for (const [grade] of told.grades) {
      const both = [true, false].map((key) => [key, named(grade, key)]);
      const most = Math.min(told.control, sum(both.map(([, one]) => sizes.get(one))));
      const everyone = both.flatMap(([key, one]) => members.get(one).map(([rank, name]) => [rank, name, key]));
      const control = everyone.sort((a, b) => up(a[0].slice(32), b[0].slice(32)) || byPoint(a[1], b[1])).slice(0, most);
      let left = sum(both.map(([, one]) => sizes.get(one))) - most;
      for (const [key, stratum] of both) {
        const quota = control.filter((one) => one[2] === key), size = sizes.get(stratum);
        const want = Math.min(left, Math.max(size - quota.length, 0));
        left -= want;
        const taken = new Set(quota.map((one) => one[1]));
        const free = members.get(stratum).slice().sort(byRank).filter((one) => !taken.has(one[1]));
        const spare = told.reserve && size ? Number((BigInt(size) * BigInt(told.reserve) + WHOLE - 1n) / WHOLE) : 0;
        quota.forEach(([rank, name]) => chosen.push([rank, name, grade, key, "control"]));
        free.slice(0, want).forEach(([rank, name]) => chosen.push([rank, name, grade, key, "risk"]));
        free.slice(want, want + spare).forEach(([, name], i) => reserves.push([i + 1, name, grade, key, "risk"]));
        counts.push([grade, key, members.get(stratum).length, quota.length + want, quota.length]);
      }
    }
    const drawn = chosen.sort(byRank).map((one, i) => [i + 1, ...one.slice(1)]);
    return { drawn, reserves, counts };
  }

  // SHAKE-128 (FIPS 202), which WebCrypto does not have: 25 lanes of 64 bits, each as two halves.
  const RATE = 168, ROUNDS = 24;
  const constants = (() => {
    const found = [];
    for (let round = 0, r = 1; round < ROUNDS; round += 1) {
      const halves = [0, 0];
      for (let j = 0; j < 7; j += 1) {
        r = ((r << 1) ^ ((r >> 7) * 0x71)) % 256;
        const bit = (1 << j) - 1;
        if (r & 2) halves[bit >> 5] ^= 1 << (bit & 31);
      }
      found.push(halves);
    }
    return found;
  })();
  function turned(lo, hi, by) {
    if (by >= 32) [lo, hi, by] = [hi, lo, by - 32];
    return by ? [(lo << by) | (hi >>> (32 - by)), (hi << by) | (lo >>> (32 - by))] : [lo, hi];
  }
  function permute(lo, hi) {
    const c = new Int32Array(5), d = new Int32Array(5), rowLo = new Int32Array(5), rowHi = new Int32Array(5);
    for (const [conLo, conHi] of constants) {
      for (let x = 0; x < 5; x += 1) {
        c[x] = lo[x] ^ lo[x + 5] ^ lo[x + 10] ^ lo[x + 15] ^ lo[x + 20];
        d[x] = hi[x] ^ hi[x + 5] ^ hi[x + 10] ^ hi[x + 15] ^ hi[x + 20];
      }
      for (let x = 0; x < 5; x += 1) {
        const after = turned(c[(x + 1) % 5], d[(x + 1) % 5], 1), before = (x + 4) % 5;
        for (let at = x; at < 25; at += 5) { lo[at] ^= c[before] ^ after[0]; hi[at] ^= d[before] ^ after[1]; }
      }
      let x = 1, y = 0, heldLo = lo[1], heldHi = hi[1];
      for (let t = 0; t < 24; t += 1) {
        [x, y] = [y, (2 * x + 3 * y) % 5];
        const at = x + 5 * y, next = turned(heldLo, heldHi, ((t + 1) * (t + 2) / 2) % 64);
        [heldLo, heldHi] = [lo[at], hi[at]];
        [lo[at], hi[at]] = next;
      }
      for (let row = 0; row < 25; row += 5) {
        rowLo.set(lo.subarray(row, row + 5));
        rowHi.set(hi.subarray(row, row + 5));
        for (let i = 0; i < 5; i += 1) {
          lo[row + i] = rowLo[i] ^ (~rowLo[(i + 1) % 5] & rowLo[(i + 2) % 5]);
          hi[row + i] = rowHi[i] ^ (~rowHi[(i + 1) % 5] & rowHi[(i + 2) % 5]);
        }
      }
      lo[0] ^= conLo;
      hi[0] ^= conHi;
    }
  }
  function shake128(text, length) {
    const bytes = encoder.encode(text), lo = new Int32Array(25), hi = new Int32Array(25), out = new Uint8Array(length);
    const padded = new Uint8Array((Math.floor(bytes.length / RATE) + 1) * RATE);
    padded.set(bytes);
    padded[bytes.length] ^= 0x1f;
    padded[padded.length - 1] ^= 0x80;
    const view = new DataView(padded.buffer);
    for (let start = 0; start < padded.length; start += RATE) {
      for (let lane = 0; lane < RATE / 8; lane += 1) {
        lo[lane] ^= view.getInt32(start + 8 * lane, true);
        hi[lane] ^= view.getInt32(start + 8 * lane + 4, true);
      }
      permute(lo, hi);
    }
    for (let i = 0; i < length; i += 1) {
      const place = i % RATE;
      if (i && !place) permute(lo, hi);
      out[i] = ((place & 4 ? hi : lo)[place >> 3] >>> (8 * (place & 3))) & 255;
    }
    return out;
  }

  function team(inspectors, told, ranks, region, away, load) {
    const members = [];
    let widest = 0;
    for (const [place, [unit, officers, specialties, experts]] of told.needs.entries()) {
      const ranked = inspectors.map((one, number) => [ranks.getUint32(4 * number), number, one])
        .filter(([, , one]) => one[6] && one[1] === unit && one[3] >= told.valid_on && !away.has(one[0])
          && load.get(one[0]) < told.load && (!specialties.length || specialties.some((each) => one[4].includes(each))))
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]);
      let first = [], others = [], step = 0;
      for (const [nth, width] of told.widths.entries()) {
        step = nth;
        const near = ranked.filter((one) => one[2].slice(0, width) === region.slice(0, width));
        first = near.filter((one) => one[5] === "officer").slice(0, officers);
        others = near.filter((one) => one[5] === "expert").slice(0, experts);
        if (first.length === officers && others.length === experts) break;
      }
      if (first.length < officers || others.length < experts) {
        return [-1, [], `${unit}: ${first.length} of ${officers} officers, ${others.length} of ${experts} experts`];
      }
      widest = Math.max(widest, step);
      first.forEach((one, turn) => members.push([one[0], unit, !place && !turn ? "lead" : "assistant"]));
      others.forEach((one) => members.push([one[0], unit, "expert"]));
    }
    return [told.widths[widest], members, ""];
  }

  function teams(file, told, seed, drawn) {
    const region = new Map(file.objects.map((row) => [row[0], row[3]]));
    const barred = new Map();
    for (const [name, inspector] of file.conflicts) barred.set(name, (barred.get(name) || new Set()).add(inspector));
    const load = new Map(file.inspectors.map((one) => [one[0], one[7]]));
    const found = [];
    for (const row of drawn) {
      const away = barred.get(row[1]) || new Set();
      // The ranks of everyone for this visit, four bytes each, in the order of the pool.
      const ranks = new DataView(shake128(`${seed}|${told.task}|${row[1]}`, 4 * file.inspectors.length).buffer);
      const made = team(file.inspectors, told, ranks, region.get(row[1]), away, load);
      made[1].forEach((member) => load.set(member[0], load.get(member[0]) + 1));
      found.push([row[1], ...made]);
    }
    return found;
  }

  function replaced(file) {
    const stratum = new Map([...file.drawn, ...file.reserves].map((row) => [row[1], named(row[2], row[3])]));
    const waiting = new Map(), standing = new Set(file.drawn.map((row) => row[1]));
    for (const row of file.reserves) {
      const at = named(row[2], row[3]);
      waiting.set(at, [...(waiting.get(at) || []), row[1]]);
    }
    return file.replacements.every(([out, into, reason]) => {
      const queue = waiting.get(stratum.get(out)) || [];
      const right = standing.has(out) && queue[0] === into && Boolean(reason.trim());
      queue.shift();
      standing.delete(out);
      standing.add(into);
      return right;
    });
  }

  // Report every step by `say(kind, words, values)`; kind is right, wrong or open.
  async function verify(file, announced, say) {
    const check = (holds, words, values) => say(holds ? "right" : "wrong", words, values || {});
    const told = file.announcement;
    check(file.format === FORMAT && told.algorithm === ALGORITHM, "format");
    const { sha256, ...body } = file;
    check(await digest(written(body)) === sha256, "digest");
    const found = await digest(written(told));
    check(found === file.announcement_sha256, "announcement");
    if (announced) check(found === announced.trim().toLowerCase(), "announced");
    else say("open", "not_announced", { a: found });
    const plain = /^[0-9a-f]{64}$/.test(file.secret);
    check(plain && await digestBytes(unhex(file.secret)) === told.secret_sha256, "secret");
    check(file.public.fixed_at > told.committed_at && file.public.fixed_at >= told.public_after, "later");
    check(file.public.source === told.public_source && Boolean(file.public.value.trim()), "source");
    say("open", "look_up", { a: file.public.source, b: file.public.fixed_at, c: file.public.value });
    const ratios = told.grades.map((one) => one[1]);
    check(ratios.length > 0 && ratios[0] > 0 && ratios.at(-1) <= 10000 && ratios.every((one, i) => !i || one >= ratios[i - 1]), "ratios");
    const officers = told.needs.map((need) => need[1]);
    check(told.least >= 2 && sum(officers) >= told.least && Math.min(...officers) >= 1, "officers");
    check(await digest(written(file.objects)) === told.objects_sha256, "objects", { a: file.objects.length });
    check(await digest(written(file.inspectors)) === told.inspectors_sha256, "inspectors", { a: file.inspectors.length });
    check(file.objects.every((row, i) => !i || byPoint(file.objects[i - 1][0], row[0]) < 0), "double");
    const worst = told.grades.at(-1)[0];
    check(file.objects.every((row) => row[1] !== worst || ["", "out_of_scope", "exempt"].includes(row[4])), "worst");
    const seed = await digest(`${file.secret}|${file.public.value}`);
    check(seed === file.seed, "seed");
    const again = await selection(file.objects, told, seed);
    check(same(again.counts, file.counts), "counts");
    check(same(again.drawn, file.drawn), "drawn", { a: again.drawn.length });
    check(same(again.reserves, file.reserves), "reserves");
    check(same(teams(file, told, seed, again.drawn), file.teams), "teams");
    const barred = new Set(file.conflicts.map(written));
    check(file.teams.every((one) => one[2].every((member) => !barred.has(written([one[0], member[0]])))), "recused");
    const objects = new Set(file.drawn.map((row) => row[1]));
    check(file.conflicts.every((pair) => objects.has(pair[0])), "drawn_only");
    const failed = file.teams.filter((one) => one[3]).length;
    if (failed) say("open", "no_team", { a: failed });
    check(replaced(file), "replacements", { a: file.replacements.length });
    if (told.sealed) say("open", "sealed", {});
    say("open", "stated", {});
  }

  async function run(root, load) {
    const list = root.querySelector("[data-steps]"), verdict = root.querySelector("[data-verdict]");
    const words = JSON.parse(document.getElementById("draw-words").textContent);
    let holds = true;
    list.replaceChildren();
    verdict.hidden = false;
    verdict.className = "notice";
    verdict.textContent = root.dataset.working;
    const say = (kind, name, values) => {
      holds = holds && kind !== "wrong";
      const line = document.createElement("li"), mark = document.createElement("span"), text = document.createElement("span");
      line.className = { right: "met", wrong: "unmet", open: "" }[kind];
      mark.className = `tag ${{ right: "good", wrong: "bad", open: "outline" }[kind]}`;
      mark.textContent = root.dataset[kind];
      text.className = "wrap";
      const said = words[name].replace(/\{(\w)\}/g, (_all, key) => values[key]);
      text.textContent = ` ${kind === "wrong" ? `${root.dataset.no} ` : ""}${said}`;
      line.append(mark, text);
      list.append(line);
    };
    try {
      const file = JSON.parse(await load());
      await verify(file, root.querySelector("#draw-digest").value, say);
    } catch (broken) {
      holds = false;
      say("wrong", "malformed", { a: broken.name, b: broken.message });
    }
    verdict.className = `notice ${holds ? "good" : "bad"}`;
    verdict.textContent = holds ? root.dataset.holds : root.dataset.fails;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("draw-check");
    if (!root) return;
    const form = root.querySelector("form"), verdict = root.querySelector("[data-verdict]");
    form.hidden = false;
    if (!window.crypto || !crypto.subtle) {
      form.hidden = true;
      verdict.hidden = false;
      verdict.textContent = root.dataset.insecure;
      return;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { source } = root.dataset, chosen = root.querySelector("#draw-file");
      run(root, source ? async () => (await fetch(source)).text() : () => chosen.files[0].text());
    });
  });
})();
