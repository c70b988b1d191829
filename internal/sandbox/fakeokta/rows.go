package fakeokta

// Rows is State without the copying: profiles and lists inside the rows are the
// server's own, to be read and not changed. It is for organisations so large
// that a copy takes seconds.
func (s *Server) Rows() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.org.state()
}
