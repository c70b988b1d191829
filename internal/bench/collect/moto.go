package main

import "errors"

const motoSize = "200"

func buildMoto(target) (*meter, served, func(), error) { return nil, served{}, nil, errors.New("x") }
