import x from "y";
const A = 1;

/**
 * A doc.
 */
@Component({
  selector: "app",
})
export class Hero extends Base<T> implements One, Two {
  name = "x";
  private go = async (a: number, ...rest: string[]) => {
    return a;
  };

  // Says hello.
  hello(a: string, b = 2, { c }: Opts): void {
    console.log(a);
  }
  abstract z(): void;
  static {
    init();
  }
}

export namespace Deep.Er {
  export function inner(q?: number) {
    return q;
  }
}

export default function (a, b) {
  return a;
}
Foo.prototype.bar = function (x) {
  return x;
};
module.exports.run = () => {
  return 1;
};
export interface Shape extends A, B {
  x: number;
}
type One = string;
type Two = { a: string;
  b: string };
export const enum E {
  A,
}
const add = (a: number, b: number) => a + b;
