// Evaluated first in every sandbox. Its value is what the host calls: it turns the strategy's
// declarations into JSON, the frame's numbers into readings, and a signal into numbers and one text. Only numbers and
// primitive strings leave the sandbox. Natives are captured here, before anything could have patched them. Texts are joined
// with +: a template calls String.prototype.concat.

// biome-ignore-all lint/style/useTemplate: see above
(() => {
  const MEMORY_LENGTH_MAX = 1024;
  const JSON_LENGTH_MAX = 256 * 1024;
  const NESTING_MAX = 16;
  const REASON_READ_MAX = 400;
  const KIND_MAX = 40;
  const NAME_MAX = 100;
  const MESSAGE_MAX = 500;
  const STACK_MAX = 1000;
  // First number out: a signal's kind, or why there is none.
  const HOLD = 0;
  const UP = 1;
  const DOWN = 2;
  const EXIT = 3;
  const THREW = -1;
  const BAD_SIGNAL = -2;
  const BAD_MEMORY = -3;

  const { parse, stringify } = JSON;
  const { freeze, getOwnPropertyDescriptor, getPrototypeOf, is, keys } = Object;
  const { apply } = Reflect;
  const { isArray } = Array;
  const { isFinite: isFiniteNumber } = Number;
  const { indexOf, slice } = String.prototype;
  const objectPrototype = Object.prototype;
  const errorPrototype = Error.prototype;
  const [Errors, Float64s, RangeErrors, TypeErrors] = [Error, Float64Array, RangeError, TypeError];
  // QuickJS's own: where a function begins in the source, undefined for those that are not written in JavaScript.
  const placeGetter = (name) => getOwnPropertyDescriptor(Function.prototype, name).get;
  const fileOf = placeGetter("fileName");
  const lineOf = placeGetter("lineNumber");
  const columnOf = placeGetter("columnNumber");

  let frame;
  let out;
  let spec;
  let params;
  let series = 0;
  /** Whose answer is read: decide(), or migrate(). */
  let asked;
  /** What a `throw` last threw, and where: it may have no stack of its own, or one that was overwritten. */
  let thrown = { value: undefined, stack: "" };
  const views = { __proto__: null };

  const startOf = (text, max) => (text.length > max ? apply(slice, text, [0, max]) : text);

  const without = (mark, text) => {
    let rest = text;
    let kept = "";
    for (let at = apply(indexOf, rest, [mark]); at !== -1; at = apply(indexOf, rest, [mark])) {
      kept += apply(slice, rest, [0, at]);
      rest = apply(slice, rest, [at + 1]);
    }
    return kept + rest;
  };
  /** The host reads C strings, which end at the first NUL; a \x01 parts what they say. */
  const unmarked = (text) => without("\x01", without("\0", text));

  const frozen = (value) => {
    if (value !== null && typeof value === "object") {
      const names = keys(value);
      for (let i = 0; i < names.length; i++) frozen(value[names[i]]);
      freeze(value);
    }
    return value;
  };

  /** JSON of plain, finite data; every property is read once. Refuses what JSON would silently change. */
  const json = (value, path, max, depth = 0) => {
    if (value === null || typeof value === "boolean") return "" + value;
    if (typeof value === "string") return stringify(value);
    if (typeof value === "number") {
      if (isFiniteNumber(value)) return stringify(value);
      throw new RangeErrors(path + " is " + value + ", expected a finite number");
    }
    if (typeof value !== "object")
      throw new TypeErrors(path + " is " + aOf(typeof value) + ", expected plain JSON data");
    if (depth === NESTING_MAX) throw new RangeErrors(path + " is nested more than " + NESTING_MAX + " deep");
    let text = "";
    if (isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        text += (i === 0 ? "" : ",") + json(value[i], path + "[" + i + "]", max, depth + 1);
        if (text.length > max) throw tooLong(path, max);
      }
      return "[" + text + "]";
    }
    const prototype = getPrototypeOf(value);
    if (prototype !== objectPrototype && prototype !== null) {
      throw new TypeErrors(path + " is not a plain object: only plain JSON data can be kept");
    }
    const names = keys(value);
    for (let i = 0; i < names.length; i++) {
      const member = value[names[i]];
      if (member === undefined) continue;
      const name = stringify(names[i]);
      text += (text === "" ? "" : ",") + name + ":" + json(member, path + "." + names[i], max, depth + 1);
      if (text.length > max) throw tooLong(path, max);
    }
    return "{" + text + "}";
  };
  const tooLong = (path, max) => new RangeErrors(path + " is longer than " + max + " bytes of JSON");

  const memoryJson = (value) => {
    const text = json(value, "memory", MEMORY_LENGTH_MAX);
    if (text.length > MEMORY_LENGTH_MAX) throw tooLong("memory", MEMORY_LENGTH_MAX);
    return text;
  };

  const aOf = (type) => (type === "undefined" ? type : type === "object" ? "an object" : "a " + type);

  /** One property of a thrown value; its getter may itself throw, loop (fuel) or give anything. */
  const textOf = (error, name, max) => {
    try {
      const value = error[name];
      return typeof value === "string" ? unmarked(startOf(value, max)) : "";
    } catch {
      return "";
    }
  };

  /** An error is where it is made, not where its class is: the innermost calls may be those of its constructors. */
  const madeAt = (prototype, stack) => {
    if (prototype === null || prototype === errorPrototype) return stack;
    const called = madeAt(getPrototypeOf(prototype), stack);
    const isConstructor = apply(indexOf, called, ["    at " + prototype.constructor.name + " ("]) === 0;
    return isConstructor ? apply(slice, called, [apply(indexOf, called, ["\n"]) + 1]) : called;
  };
  const ownStack = (error) => {
    const stack = textOf(error, "stack", STACK_MAX);
    try {
      return madeAt(getPrototypeOf(error), stack);
    } catch {
      return stack;
    }
  };

  /** `name \x01 message \x01 stack` of whatever was thrown; its own stack comes before the place of the `throw`. */
  const explain = (error) => {
    // Without memory for an error the engine throws null, which no `throw` of the strategy's has noted.
    if (error === null && thrown.value !== null) return "InternalError\x01out of memory\x01";
    // Read first: a getter may throw as well.
    const thrownAt = is(thrown.value, error) ? unmarked(startOf(thrown.stack, STACK_MAX)) : "";
    const type = typeof error;
    const isObject = error !== null && (type === "object" || type === "function");
    const name = isObject ? textOf(error, "name", NAME_MAX) : "";
    const message = isObject ? textOf(error, "message", MESSAGE_MAX) : "";
    const at = (isObject ? ownStack(error) : "") + "\n" + thrownAt;
    if (type !== "function" && (name !== "" || message !== ""))
      return (name || "Error") + "\x01" + message + "\x01" + at;
    const shown = isObject || type === "symbol" ? aOf(type) : unmarked(startOf("" + error, MESSAGE_MAX));
    return "Error\x01threw " + shown + ", which is not an Error\x01" + at;
  };

  const fault = (error) => {
    const text = explain(error);
    const starts = (name) => apply(indexOf, text, [name]) === 0;
    out[0] = starts("SignalError\x01") ? BAD_SIGNAL : starts("InternalError\x01out of memory\x01") ? BAD_MEMORY : THREW;
    return text;
  };

  /** What was returned has no place of its own: it is where the function begins. */
  const refuse = (kind, name, message) => {
    out[0] = kind;
    const of = (get) => apply(get, asked, []);
    return (
      "" +
      name +
      "\x01" +
      unmarked(message) +
      "\x01    at decide (" +
      of(fileOf) +
      ":" +
      of(lineOf) +
      ":" +
      of(columnOf) +
      ")"
    );
  };
  const badSignal = (message) => refuse(BAD_SIGNAL, "SignalError", message);

  const isShare = (value) => typeof value === "number" && value > 0 && value < 1;
  const shown = (value) => (typeof value === "number" || value === null ? "" + value : aOf(typeof value));

  /** `memory \x01 reason`: JSON has no raw control character, so the first \x01 parts them; no memory = the old one stays. */
  const answer = (signal) => {
    if (signal === null || typeof signal !== "object") {
      return badSignal("decide() returned " + shown(signal) + ", expected up(), down(), hold() or exit()");
    }
    const { kind, reason, memory } = signal;
    // Compared rather than looked up: to make a key of a name costs more than four comparisons.
    const code = kind === "hold" ? HOLD : kind === "up" ? UP : kind === "down" ? DOWN : kind === "exit" ? EXIT : -1;
    if (code === -1) {
      if (typeof signal.then === "function") return badSignal("decide() returned a promise, expected a signal at once");
      const what =
        typeof kind === "string"
          ? 'an object of kind "' + startOf(kind, KIND_MAX) + '"'
          : "an object that is no signal";
      return badSignal("decide() returned " + what + ", expected up(), down(), hold() or exit()");
    }
    if (typeof reason !== "string") return badSignal("reason is " + shown(reason) + ", expected a string");
    if (code === UP || code === DOWN) {
      const { probability, limit } = signal;
      if (!isShare(probability)) {
        return badSignal("probability is " + shown(probability) + ", expected above 0 and below 1");
      }
      if (limit !== undefined && !isShare(limit)) {
        return badSignal("limit is " + shown(limit) + ", expected above 0 and below 1");
      }
      out[1] = probability;
      if (limit !== undefined) out[2] = limit;
    }
    let kept = "";
    if (memory !== undefined) {
      if (spec.memory === undefined) return badSignal("the signal has a memory, but the strategy declares none");
      try {
        kept = memoryJson(memory);
      } catch (error) {
        return refuse(BAD_MEMORY, "MemoryError", textOf(error, "message", MESSAGE_MAX));
      }
    }
    out[0] = code;
    // The host has made all numbers NaN before, and reads a reason up to its first NUL.
    return kept + "\x01" + (reason.length > REASON_READ_MAX ? startOf(reason, REASON_READ_MAX) : reason);
  };

  return {
    /** The host's memory for the frame and for what comes out. */
    bind(frameBuffer, outBuffer) {
      frame = new Float64s(frameBuffer);
      out = new Float64s(outBuffer);
    },
    explain,
    /** What a compiled `throw` throws: the value as it is, unlooked at. */
    noted(value) {
      thrown = { value, stack: new Errors().stack };
      return value;
    },
    /** The frame of one version, for the indices that its reads are compiled to: nothing lies beyond them. */
    view(buffer) {
      return new Float64s(buffer);
    },
    /** Plain data that a module exports as default, as JSON: how a configuration file is read. */
    plain(module) {
      return json(module.default, "default", JSON_LENGTH_MAX);
    },
    describe(module) {
      const made = module === undefined ? undefined : module.default;
      if (made === null || typeof made !== "object" || made.type !== "strategy") {
        throw new TypeErrors("Cannot load the file: it has no default export made by strategy()");
      }
      spec = made;
      if (typeof spec.inputs !== "function") throw new TypeErrors("Cannot load the strategy: inputs is not a function");
      if (typeof spec.decide !== "function") throw new TypeErrors("Cannot load the strategy: decide is not a function");
      const { about, memory } = spec;
      const params = spec.params === undefined ? {} : spec.params;
      if (memory === undefined) return json({ about, params, memory: null }, "strategy", JSON_LENGTH_MAX);
      memoryJson(memory.initial);
      const declared = { initial: memory.initial, migrates: typeof memory.migrate === "function" };
      return json({ about, params, memory: declared }, "strategy", JSON_LENGTH_MAX);
    },
    /** Declared inputs for resolved params, as JSON in declaration order. */
    configure(paramsJson) {
      params = frozen(parse(paramsJson));
      return json(spec.inputs(params), "inputs", JSON_LENGTH_MAX);
    },
    /** One series of one candles input: its own buffer, so that `.buffer` of it shows nothing else. */
    addSeries(buffer) {
      views[series++] = new Float64s(buffer);
    },
    /** Takes the generated reader of this version's frame and gives the function that decides. */
    finish(makeReader) {
      const { readings, window, position, positionSide } = makeReader(frame, views, freeze);
      const { decide } = spec;
      asked = decide;
      const contextOf = (position, memory) => freeze({ params, window, position, memory });
      if (spec.memory !== undefined) {
        return (memoryJson) => {
          try {
            const memory = frozen(parse(memoryJson));
            return answer(decide(readings, contextOf(frame[positionSide] === 0 ? null : position, memory)));
          } catch (error) {
            return fault(error);
          }
        };
      }
      const flat = contextOf(null, undefined);
      const holding = contextOf(position, undefined);
      return () => {
        try {
          return answer(decide(readings, frame[positionSide] === 0 ? flat : holding));
        } catch (error) {
          return fault(error);
        }
      };
    },
    /** This version's memory made from another's: the same answer as a hold that keeps it. */
    migrate(memoryText, from) {
      try {
        asked = spec.memory.migrate;
        const memory = spec.memory.migrate(parse(memoryText), from);
        if (memory !== undefined) return answer({ kind: "hold", reason: "", memory });
        return refuse(BAD_MEMORY, "MemoryError", "memory is undefined, expected plain JSON data");
      } catch (error) {
        return fault(error);
      }
    },
  };
})();
