// Never ends, and spends hardly any fuel: each native call is bounded, but there are a million of them.
import { hold, strategy } from "underway";

export default strategy({
  about: "Hangs",
  inputs: () => ({}),
  decide(_, { window }) {
    const text = "\u{1F600}".repeat(2500);
    let length = 0;
    while (window.spot > 0) length += encodeURIComponent(text).length;
    return hold(`ended after ${length} characters`);
  },
});
