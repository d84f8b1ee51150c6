package a;

import java.util.List;

/** Doc. */
@X
public class A<T> extends B<T> implements C, D {
    int x;

    @Override
    public void f(int a, String... b) {
        x = 1;
    }

    A() {
        x = 2;
    }

    enum E {
        P, Q;

        void z() {
            p();
        }
    }

    static {
        y();
    }
}

interface I extends J {
    void a();

    default void b() {
        c();
    }
}

record R(int a) {
    R {
        check(a);
    }
}
