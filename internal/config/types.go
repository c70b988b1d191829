package config

// systemType is all that the configuration has to know of one type of system;
// each has a file of its own.
type systemType struct {
	name string
	// fields are the keys that a system of this type may have.
	fields func(r *reader, s *System, dir string) []field
	// agree holds its keys against each other; acting is the line that lets
	// rollcall act, or nothing.
	agree func(r *reader, path string, s *System, acting string)
	// secrets are those that it refers to.
	secrets func(s System) []Secret
}

// types are the types of systems, in the order in which messages name them.
var types = []systemType{oktaType, awsType}

func typeNames() (names []string) {
	for _, t := range types {
		names = append(names, t.name)
	}
	return names
}

// typeNamed finds a type, nil if there is none of that name.
func typeNamed(name string) *systemType {
	for i := range types {
		if types[i].name == name {
			return &types[i]
		}
	}
	return nil
}
