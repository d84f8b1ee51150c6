"use strict";
(function () {
  function a() {
    return 1;
  }
})();
if (x) {
  function b() {
    return 2;
  }
}
var c = function (d) {
  return d;
}, e = 3;
exports.f = async function* (...args) {
  yield 1;
};
