import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gitCommitOf } from "../../../engine/versions/git-commit.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { InThreadWorkshop } from "../../../engine/versions/workshop.ts";
import { holding, temporaryFolder } from "./temporary-folder.ts";

const [ONE, TWO] = ["a".repeat(40), "b".repeat(40)];

describe("the commit of a folder", () => {
  it.each<[string, { [path: string]: string }, string | null]>([
    ["its branch's", { ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${ONE}\n` }, ONE],
    [
      "its branch's, when references are packed",
      {
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/packed-refs": `# pack-refs\n${TWO} refs/heads/x\n${ONE} refs/heads/main\n`,
      },
      ONE,
    ],
    ["HEAD's own, when it is on no branch", { ".git/HEAD": `${TWO}\n` }, TWO],
    [
      "that of a linked work tree",
      {
        ".git": "gitdir: ../repo/.git/worktrees/w\n",
        "../repo/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
        "../repo/.git/worktrees/w/commondir": "../..\n",
        "../repo/.git/refs/heads/w": ONE,
      },
      ONE,
    ],
    ["none, before the first one", { ".git/HEAD": "ref: refs/heads/main\n" }, null],
    ["none, when HEAD makes no sense", { ".git/HEAD": "???" }, null],
    ["none, outside of every work tree", {}, null],
  ])("is %s", (_, files, expected) => {
    const folder = temporaryFolder({ ...files, "strategies/a.ts": "" }, "work");
    expect(gitCommitOf(join(folder, "strategies"))).toBe(expected);
  });

  it("is kept with a version that was made there, and is no part of its name", async () => {
    const commits: (string | undefined)[] = [];
    const codes = new Set<string>();
    for (const files of [{}, { "../.git/HEAD": ONE }]) {
      const strategiesDir = temporaryFolder({ "a.ts": holding(), ...files });
      const dataDir = join(strategiesDir, "..", "data");
      const prepared = await new InThreadWorkshop({ strategiesDir, dataDir }).prepare("a", [{}]);
      if (prepared.type === "Refused") throw new Error("it was refused");
      codes.add(prepared.artifact.code);
      commits.push(new VersionStore(dataDir).get(prepared.artifact.code).commit);
    }
    expect(commits).toEqual([undefined, ONE]);
    expect(codes.size).toBe(1);
  });
});
