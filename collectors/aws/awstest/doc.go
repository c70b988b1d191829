// Package awstest judges the AWS collector and revoker with programs that
// rollcall did not write: moto emulates AWS, boto3 fills it and reads it back.
//
// It must never need a real account. Its invariant: what the Revoker claims,
// boto3 confirms. The tests carry the build tag emulators and start their own
// moto; ROLLCALL_PYTHON names a Python that has moto[server] and boto3.
package awstest
