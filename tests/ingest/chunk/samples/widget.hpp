#ifndef X_H
#define X_H
#include <vector>

namespace a::b {

// A doc.
template <class T>
class A : public B<T>, private C {
 public:
  A(int x = 3);
  int f(const T& a, int* b, ...) const {
    return 1;
  }

  ~A() {
  }
  bool operator==(const A& o) const {
    return true;
  }

 private:
  int q_;
};

template <class T>
int A<T>::g(int (*cb)(int), std::vector<int>&& v) {
  return 1;
}

static inline std::string* h(void) {
  return 0;
}
enum class E {
  X,
};

}  // namespace a::b

typedef struct node {
  int a;
} Node;

struct Q {
  int a;
} q;

extern "C" {
int ff(char **argv, int n[]) {
  return 1;
}
}
#endif
